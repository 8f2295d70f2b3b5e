-- Up to 100 people under a title, who are asked to come in.
ALTER TABLE conversations
    ADD COLUMN title text,
    ADD CONSTRAINT conversations_title_check CHECK (char_length(title) BETWEEN 1 AND 80) NOT VALID,
    DROP CONSTRAINT conversations_kind_check,
    ADD CONSTRAINT conversations_kind_check CHECK (kind IN ('DIRECT', 'SHOP', 'ORDER', 'GROUP')) NOT VALID,
    DROP CONSTRAINT conversations_shop_check,
    ADD CONSTRAINT conversations_shop_check CHECK
        ((kind IN ('DIRECT', 'GROUP')) = (shop_id IS NULL) AND (kind = 'GROUP') = (title IS NOT NULL)) NOT VALID;
