-- What is told about the money of shops is about no payment.
ALTER TABLE provider_events ALTER COLUMN intent_id DROP NOT NULL;
