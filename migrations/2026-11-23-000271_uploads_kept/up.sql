-- Files that are no images and that somebody refers to stay. What they are is read from their first bytes.
ALTER TABLE uploads
    ADD COLUMN is_kept boolean NOT NULL DEFAULT false,
    ADD COLUMN content_type text,
    ADD CONSTRAINT uploads_content_type_check CHECK (char_length(content_type) BETWEEN 1 AND 100) NOT VALID;
