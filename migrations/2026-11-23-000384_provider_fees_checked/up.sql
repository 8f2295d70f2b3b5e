-- Apart, for it reads the tables, and nobody waits for that.
ALTER TABLE accounts VALIDATE CONSTRAINT accounts_kind_check;
ALTER TABLE transfers VALIDATE CONSTRAINT transfers_cause_check;
ALTER TABLE test_provider_acts VALIDATE CONSTRAINT test_provider_acts_fee_check;
