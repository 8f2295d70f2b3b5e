ALTER TABLE payout_accounts DROP COLUMN named_at;
