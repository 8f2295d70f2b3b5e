ALTER TABLE locations DROP COLUMN is_active;
