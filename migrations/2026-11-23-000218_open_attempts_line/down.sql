ALTER TABLE open_attempts DROP COLUMN line_key;
