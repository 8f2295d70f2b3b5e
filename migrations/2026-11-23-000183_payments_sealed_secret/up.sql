-- By what a provider's own library knows a payment that waits for its buyer, sealed under the master key; null otherwise.
ALTER TABLE payment_intents ADD COLUMN sealed_secret bytea;
