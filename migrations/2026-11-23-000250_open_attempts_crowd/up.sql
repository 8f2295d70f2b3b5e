-- What is wider than the line of an attempt to pay, and counts once its card is declined: an IPv6 network of 48 bits, or a machine that does not name
-- its buyer.
ALTER TABLE open_attempts ADD COLUMN crowd_key bytea;
