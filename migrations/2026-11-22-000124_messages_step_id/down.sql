ALTER TABLE messages DROP COLUMN step_id;
