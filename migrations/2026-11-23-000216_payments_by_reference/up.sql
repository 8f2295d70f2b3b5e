-- Of a dispute its provider tells nothing of ours, but what it calls the payment.
CREATE INDEX CONCURRENTLY payment_intents_reference ON payment_intents (provider, reference) WHERE reference IS NOT NULL;
