-- What a part brought its shop is found by it.
CREATE INDEX CONCURRENTLY transfers_by_part ON transfers (part_id, created_at) WHERE part_id IS NOT NULL;
