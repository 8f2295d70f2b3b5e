CREATE INDEX CONCURRENTLY transfers_credit ON transfers (credit_id);
