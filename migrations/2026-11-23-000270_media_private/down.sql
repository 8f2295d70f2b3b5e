ALTER TABLE media DROP COLUMN is_private;
