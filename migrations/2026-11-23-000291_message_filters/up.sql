-- Words and domains that nobody sends in messages. By `folded` they are compared.
CREATE TABLE message_filters (
    id          uuid PRIMARY KEY,
    kind        text NOT NULL CONSTRAINT message_filters_kind_check CHECK (kind IN ('WORD', 'LINK')),
    pattern     text NOT NULL CONSTRAINT message_filters_pattern_check CHECK (char_length(pattern) BETWEEN 1 AND 253),
    folded      text NOT NULL CONSTRAINT message_filters_folded_check CHECK (char_length(folded) BETWEEN 1 AND 2000),
    created_at  timestamptz NOT NULL,
    CONSTRAINT message_filters_kind_folded UNIQUE (kind, folded)
);
