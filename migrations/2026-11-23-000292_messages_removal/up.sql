-- Why the market took a text away: its staff have hidden it, or its time was over. None if people did.
ALTER TABLE messages
    ADD COLUMN removal text,
    ADD CONSTRAINT messages_removal_check
        CHECK (removal IS NULL OR (removal IN ('HIDDEN', 'EXPIRED') AND deleted_at IS NOT NULL)) NOT VALID;
