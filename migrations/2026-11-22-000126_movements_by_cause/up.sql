-- An order takes and gives back pieces of a variant more than once: some are called off, or it is called off and paid after all.
CREATE INDEX CONCURRENTLY stock_movements_by_cause ON stock_movements (cause_id, variant_id) WHERE cause_id IS NOT NULL;
