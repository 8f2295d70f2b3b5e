-- What messages said before they were edited or deleted. What a deleted one said is kept for a while, and shown to nobody who takes part.
CREATE TABLE message_revisions (
    message_id  uuid NOT NULL REFERENCES messages (id),
    version     integer NOT NULL CONSTRAINT message_revisions_version_check CHECK (version > 0),
    text        text NOT NULL CONSTRAINT message_revisions_text_check CHECK (char_length(text) <= 4000),
    written_at  timestamptz NOT NULL,
    -- Of a deleted message alone.
    kept_until  timestamptz,
    PRIMARY KEY (message_id, version)
);
CREATE INDEX message_revisions_kept_until ON message_revisions (kept_until) WHERE kept_until IS NOT NULL;
