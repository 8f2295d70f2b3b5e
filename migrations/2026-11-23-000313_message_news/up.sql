-- How far the log was read for messages of which people are told who are not looking: by push, and by mail.
CREATE TABLE message_watches (
    name      text PRIMARY KEY CONSTRAINT message_watches_name_check CHECK (name IN ('PUSH', 'DIGEST')),
    epoch     uuid NOT NULL,
    position  bigint NOT NULL CONSTRAINT message_watches_position_check CHECK (position >= 0)
);

-- When somebody was last told by mail of what they have not read.
CREATE TABLE message_digests (
    user_id  uuid PRIMARY KEY REFERENCES users,
    told_at  timestamptz NOT NULL
);
