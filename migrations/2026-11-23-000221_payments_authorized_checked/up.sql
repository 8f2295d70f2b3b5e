-- Apart, for it reads the table, and nobody waits for that.
ALTER TABLE payment_intents VALIDATE CONSTRAINT payment_intents_status_check;
ALTER TABLE payment_intents VALIDATE CONSTRAINT payment_intents_captured_check;
