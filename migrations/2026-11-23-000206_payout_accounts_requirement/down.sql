ALTER TABLE payout_accounts DROP COLUMN requirement;
