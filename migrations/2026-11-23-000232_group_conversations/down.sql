ALTER TABLE conversations
    DROP CONSTRAINT conversations_shop_check,
    ADD CONSTRAINT conversations_shop_check CHECK ((kind = 'DIRECT') = (shop_id IS NULL)) NOT VALID,
    DROP CONSTRAINT conversations_kind_check,
    ADD CONSTRAINT conversations_kind_check CHECK (kind IN ('DIRECT', 'SHOP', 'ORDER')) NOT VALID,
    DROP COLUMN title;
