-- What was sent lately is not paid out yet: of a shop that has sold much, that is little of what it has sent.
CREATE INDEX CONCURRENTLY shipments_shipped ON shipments (shipped_at, part_id);
