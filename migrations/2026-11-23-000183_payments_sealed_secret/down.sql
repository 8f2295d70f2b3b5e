ALTER TABLE payment_intents DROP COLUMN sealed_secret;
