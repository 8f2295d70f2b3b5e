-- Of whom messages speak, and where in their text: counted in characters (Unicode scalar values), as the bounds of texts are.
CREATE TABLE message_mentions (
    message_id  uuid NOT NULL REFERENCES messages (id),
    start       integer NOT NULL CONSTRAINT message_mentions_start_check CHECK (start >= 0),
    length      integer NOT NULL CONSTRAINT message_mentions_length_check CHECK (length > 0),
    user_id     uuid NOT NULL REFERENCES users,
    PRIMARY KEY (message_id, start)
);
CREATE INDEX message_mentions_user ON message_mentions (user_id, message_id, start);
