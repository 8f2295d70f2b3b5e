-- Apart, for it reads the tables, and nobody waits for that.
ALTER TABLE accounts VALIDATE CONSTRAINT accounts_kind_check;
ALTER TABLE transfers VALIDATE CONSTRAINT transfers_cause_check;
ALTER TABLE order_parts VALIDATE CONSTRAINT order_parts_commission_rate_check;
ALTER TABLE shops VALIDATE CONSTRAINT shops_commission_rate_check;
