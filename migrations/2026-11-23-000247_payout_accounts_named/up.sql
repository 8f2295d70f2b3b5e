-- When whoever named the account did so first, and had said all that its provider asks everybody: nothing goes there for some days. Null: long ago.
ALTER TABLE payout_accounts ADD COLUMN named_at timestamptz;
