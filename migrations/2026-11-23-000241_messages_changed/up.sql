-- A deleted message keeps its number and its author, and says nothing any more. It is removed if somebody else deleted it, who moderates the
-- group.
ALTER TABLE messages
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD COLUMN edited_at timestamptz,
    ADD COLUMN deleted_at timestamptz,
    ADD COLUMN is_removed boolean NOT NULL DEFAULT false,
    DROP CONSTRAINT messages_content_check,
    ADD CONSTRAINT messages_content_check CHECK (num_nonnulls(text, step, deleted_at) = 1) NOT VALID;
