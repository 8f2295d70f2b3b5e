ALTER TABLE participants
    DROP COLUMN is_archived,
    DROP COLUMN pinned_at,
    DROP COLUMN muted_until,
    DROP COLUMN furthest_read_number,
    DROP COLUMN delivered_number;
