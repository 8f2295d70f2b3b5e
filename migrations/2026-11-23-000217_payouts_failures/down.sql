ALTER TABLE payout_accounts DROP COLUMN lost;
ALTER TABLE payouts DROP COLUMN failures;
