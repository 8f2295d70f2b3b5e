-- How many attempts the account did not take; those that the market had not enough for with the provider are not among them.
ALTER TABLE payouts ADD COLUMN failures integer NOT NULL DEFAULT 0;
-- How many accounts of the shop its provider knows no longer, which have made room for another.
ALTER TABLE payout_accounts ADD COLUMN lost integer NOT NULL DEFAULT 0;
