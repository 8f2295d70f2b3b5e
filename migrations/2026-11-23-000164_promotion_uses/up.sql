-- Which orders have a promotion, and what it takes off them. An order that is called off lets go of it, and may be opened again.
CREATE TABLE promotion_uses (
    promotion_id  uuid NOT NULL REFERENCES promotions,
    order_id      uuid NOT NULL,
    -- Nobody once they are erased.
    user_id       uuid REFERENCES users,
    currency      text NOT NULL,
    saved         bigint NOT NULL CONSTRAINT promotion_uses_saved_check CHECK (saved >= 0),
    created_at    timestamptz NOT NULL,
    -- When the order let go of it.
    released_at   timestamptz,
    PRIMARY KEY (promotion_id, order_id)
);
CREATE INDEX promotion_uses_order ON promotion_uses (order_id);
CREATE INDEX promotion_uses_person ON promotion_uses (promotion_id, user_id) WHERE released_at IS NULL;
CREATE INDEX promotion_uses_user ON promotion_uses (user_id, order_id, promotion_id);
