-- And what was taken from it.
CREATE INDEX CONCURRENTLY transfers_debit_newest ON transfers (debit_id, created_at, id);
