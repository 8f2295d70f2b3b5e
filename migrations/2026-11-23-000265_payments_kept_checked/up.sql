-- Apart, for it reads the table, and nobody waits for that.
ALTER TABLE payment_intents VALIDATE CONSTRAINT payment_intents_customer_check;
ALTER TABLE payment_intents VALIDATE CONSTRAINT payment_intents_stored_check;
