-- There were no tombstones.
ALTER TABLE messages DROP CONSTRAINT messages_content_check;
UPDATE messages SET text = '' WHERE deleted_at IS NOT NULL;
ALTER TABLE messages
    DROP COLUMN is_removed,
    DROP COLUMN deleted_at,
    DROP COLUMN edited_at,
    DROP COLUMN version,
    ADD CONSTRAINT messages_content_check CHECK ((text IS NULL) <> (step IS NULL)) NOT VALID;
