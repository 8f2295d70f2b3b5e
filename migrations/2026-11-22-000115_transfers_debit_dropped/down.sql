CREATE INDEX CONCURRENTLY transfers_debit ON transfers (debit_id);
