-- Texts that a shop's members answer with again and again.
CREATE TABLE quick_replies (
    id          uuid PRIMARY KEY,
    shop_id     uuid NOT NULL REFERENCES shops,
    shortcut    text NOT NULL CONSTRAINT quick_replies_shortcut_check CHECK (char_length(shortcut) BETWEEN 1 AND 32),
    text        text NOT NULL CONSTRAINT quick_replies_text_check CHECK (char_length(text) BETWEEN 1 AND 4000),
    version     integer NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL,
    CONSTRAINT quick_replies_shop_shortcut UNIQUE (shop_id, shortcut)
);
