-- Products that people like. What one costs is noted, in its shop's currency: whoever likes it is told when it costs less.
CREATE TABLE favorites (
    user_id      uuid NOT NULL REFERENCES users,
    product_id   uuid NOT NULL REFERENCES products,
    created_at   timestamptz NOT NULL,
    noted_price  bigint NOT NULL CHECK (noted_price >= 0),
    PRIMARY KEY (user_id, product_id)
);
CREATE INDEX favorites_newest ON favorites (user_id, created_at DESC, product_id DESC);
CREATE INDEX favorites_product ON favorites (product_id, user_id, noted_price);
