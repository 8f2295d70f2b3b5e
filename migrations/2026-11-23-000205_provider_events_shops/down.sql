DELETE FROM provider_events WHERE intent_id IS NULL;
ALTER TABLE provider_events ALTER COLUMN intent_id SET NOT NULL;
