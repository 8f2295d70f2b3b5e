-- As what the ledger has a refund whose money came back to the provider before, and left it again; null otherwise: by its id.
ALTER TABLE refunds ADD COLUMN booked_as uuid;
