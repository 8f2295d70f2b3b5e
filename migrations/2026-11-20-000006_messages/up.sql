-- `last_number` is the number of the newest message; it moves only under the row's lock, so numbers are dense.
CREATE TABLE conversations (
    id               uuid PRIMARY KEY,
    kind             text NOT NULL CONSTRAINT conversations_kind_check CHECK (kind IN ('DIRECT', 'SHOP', 'ORDER')),
    shop_id          uuid REFERENCES shops,
    product_id       uuid REFERENCES products,
    pair_key         text CONSTRAINT conversations_pair_key UNIQUE,
    last_number      bigint NOT NULL DEFAULT 0,
    last_message_at  timestamptz NOT NULL,
    created_at       timestamptz NOT NULL,
    CONSTRAINT conversations_shop_check CHECK ((kind = 'DIRECT') = (shop_id IS NULL))
);
CREATE INDEX conversations_shop ON conversations (shop_id, last_message_at DESC, id DESC);
CREATE INDEX conversations_product ON conversations (product_id);

-- Who takes part as a person (a shop takes part through conversations.shop_id), and how far each one has read.
-- A member of the shop gets a row, with is_member false, when they first read or write.
CREATE TABLE participants (
    conversation_id   uuid NOT NULL REFERENCES conversations,
    user_id           uuid NOT NULL REFERENCES users,
    is_member         boolean NOT NULL,
    last_read_number  bigint NOT NULL DEFAULT 0,
    created_at        timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, user_id)
);
CREATE INDEX participants_user ON participants (user_id, is_member, conversation_id);

CREATE TABLE messages (
    conversation_id  uuid NOT NULL REFERENCES conversations,
    number           bigint NOT NULL CONSTRAINT messages_number_check CHECK (number > 0),
    id               uuid NOT NULL CONSTRAINT messages_id_key UNIQUE,
    author_id        uuid REFERENCES users,
    text             text,
    step             text,
    client_key       text,
    created_at       timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, number),
    CONSTRAINT messages_content_check CHECK ((text IS NULL) <> (step IS NULL)),
    CONSTRAINT messages_author_check CHECK (text IS NULL OR author_id IS NOT NULL)
);
CREATE INDEX messages_author ON messages (author_id);
