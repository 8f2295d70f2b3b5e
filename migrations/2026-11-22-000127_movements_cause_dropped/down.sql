-- Not unique: by now some orders may have taken or given back pieces of a variant twice.
CREATE INDEX CONCURRENTLY stock_movements_cause
    ON stock_movements (cause_id, variant_id, location_id, reason) WHERE cause_id IS NOT NULL;
