-- Payments that providers are at work at are gone through in their order.
CREATE INDEX CONCURRENTLY payment_intents_processing ON payment_intents (id) WHERE status = 'PROCESSING';
