DROP TABLE events, event_outbox, event_log, idempotency_keys, jobs, signing_keys;
