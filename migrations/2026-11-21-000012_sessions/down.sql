ALTER TABLE sessions DROP COLUMN changed_at;
