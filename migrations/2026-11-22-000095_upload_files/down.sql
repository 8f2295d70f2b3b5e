ALTER TABLE uploads DROP COLUMN file_id;
