-- What of a payment its buyer's bank has taken back, and has not given again: it cannot go back a second time.
ALTER TABLE payment_intents
    ADD COLUMN disputed bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT payment_intents_disputed_check CHECK (disputed >= 0 AND refunded + disputed <= amount) NOT VALID;
