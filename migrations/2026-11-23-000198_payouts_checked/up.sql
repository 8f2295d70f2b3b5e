-- Apart, for it reads the tables, and nobody waits for that.
ALTER TABLE accounts VALIDATE CONSTRAINT accounts_kind_check;
ALTER TABLE transfers VALIDATE CONSTRAINT transfers_cause_check;
