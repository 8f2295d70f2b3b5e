-- Uploads of files that are no images.
ALTER TABLE uploads ADD COLUMN file_id uuid;
