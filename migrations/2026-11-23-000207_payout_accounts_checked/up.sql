-- Apart, for it reads the table, and nobody waits for that.
ALTER TABLE payout_accounts VALIDATE CONSTRAINT payout_accounts_requirement_check;
