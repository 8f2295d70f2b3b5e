-- What is promised, and not taken yet, is looked at every hour, in case nothing is due that takes it.
CREATE INDEX CONCURRENTLY payment_intents_promised ON payment_intents (id) WHERE status = 'REQUIRES_CAPTURE';
