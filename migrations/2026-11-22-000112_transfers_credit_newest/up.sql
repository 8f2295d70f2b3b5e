-- A shop reads what came to it, newest first.
CREATE INDEX CONCURRENTLY transfers_credit_newest ON transfers (credit_id, created_at, id);
