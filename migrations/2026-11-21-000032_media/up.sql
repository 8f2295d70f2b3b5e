-- Files of people, as they are kept. A row is there before its file (WRITING), and until after it is gone (DOOMED), so that no
-- file is without a row. `reference_count` is how many rows refer to it, moved in the same transaction as these; since
-- `unreferenced_at` nobody does.
CREATE TABLE media (
    id              uuid PRIMARY KEY,
    owner_id        uuid NOT NULL REFERENCES users,
    state           text NOT NULL CONSTRAINT media_state_check CHECK (state IN ('WRITING', 'READY', 'DOOMED')),
    encoding        text NOT NULL CONSTRAINT media_encoding_check CHECK (encoding IN ('JPEG', 'PNG', 'WEBP')),
    byte_size       bigint NOT NULL,
    checksum        bytea NOT NULL,
    width           integer NOT NULL CONSTRAINT media_width_check CHECK (width > 0),
    height          integer NOT NULL CONSTRAINT media_height_check CHECK (height > 0),
    placeholder     bytea NOT NULL,
    reference_count integer NOT NULL DEFAULT 0 CONSTRAINT media_reference_count_check CHECK (reference_count >= 0),
    unreferenced_at timestamptz,
    doomed_at       timestamptz,
    created_at      timestamptz NOT NULL,
    -- What somebody refers to is there.
    CONSTRAINT media_references_check CHECK (reference_count = 0 OR state = 'READY'),
    CONSTRAINT media_unreferenced_check CHECK ((reference_count = 0) = (unreferenced_at IS NOT NULL)),
    CONSTRAINT media_doomed_check CHECK ((state = 'DOOMED') = (doomed_at IS NOT NULL))
);
CREATE INDEX media_owner ON media (owner_id);
CREATE INDEX media_unreferenced ON media (unreferenced_at) WHERE reference_count = 0 AND state <> 'DOOMED';
CREATE INDEX media_doomed ON media (doomed_at) WHERE state = 'DOOMED';

-- Somebody may send a file, once. With `media_id` they did.
CREATE TABLE uploads (
    id              uuid PRIMARY KEY,
    user_id         uuid NOT NULL REFERENCES users,
    purpose         text NOT NULL,
    byte_size       bigint NOT NULL,
    media_id        uuid REFERENCES media,
    expires_at      timestamptz NOT NULL,
    created_at      timestamptz NOT NULL
);
CREATE INDEX uploads_user ON uploads (user_id, created_at);
CREATE INDEX uploads_media ON uploads (media_id);
CREATE INDEX uploads_age ON uploads (created_at);

ALTER TABLE users ADD COLUMN avatar_id uuid REFERENCES media;
