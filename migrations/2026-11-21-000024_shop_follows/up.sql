-- Shops that people follow.
CREATE TABLE shop_follows (
    user_id        uuid NOT NULL REFERENCES users,
    shop_id        uuid NOT NULL REFERENCES shops,
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (user_id, shop_id)
);
CREATE INDEX shop_follows_newest ON shop_follows (user_id, created_at DESC, shop_id DESC);
CREATE INDEX shop_follows_shop ON shop_follows (shop_id);
