ALTER TABLE open_attempts DROP COLUMN crowd_key;
