-- What people answered to messages with an emoji. `kind` is the emoji without variation selectors, so that one that is written in two ways is one.
CREATE TABLE message_reactions (
    message_id  uuid NOT NULL REFERENCES messages (id),
    user_id     uuid NOT NULL REFERENCES users,
    kind        text NOT NULL CONSTRAINT message_reactions_kind_check CHECK (char_length(kind) BETWEEN 1 AND 32),
    emoji       text NOT NULL CONSTRAINT message_reactions_emoji_check CHECK (char_length(emoji) BETWEEN 1 AND 32),
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (message_id, user_id, kind)
);
CREATE INDEX message_reactions_user ON message_reactions (user_id, message_id, kind);
