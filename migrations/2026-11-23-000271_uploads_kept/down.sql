ALTER TABLE uploads
    DROP CONSTRAINT uploads_content_type_check,
    DROP COLUMN content_type,
    DROP COLUMN is_kept;
