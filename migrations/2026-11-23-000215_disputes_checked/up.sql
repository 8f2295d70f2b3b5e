-- Apart, for it reads the tables, and nobody waits for that.
ALTER TABLE transfers VALIDATE CONSTRAINT transfers_cause_check;
ALTER TABLE payment_intents VALIDATE CONSTRAINT payment_intents_disputed_check;
ALTER TABLE order_parts VALIDATE CONSTRAINT order_parts_disputed_check;
