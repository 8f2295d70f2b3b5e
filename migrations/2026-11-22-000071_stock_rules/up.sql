-- How many pieces of a variant may be owed, and at how many it is low; a variant without a row owes none and is never low.
CREATE TABLE stock_rules (
    variant_id           uuid PRIMARY KEY REFERENCES product_variants,
    backorder_limit      integer NOT NULL CONSTRAINT stock_rules_backorder_limit_check CHECK (backorder_limit >= 0),
    low_stock_threshold  integer CONSTRAINT stock_rules_low_stock_threshold_check CHECK (low_stock_threshold >= 0)
);

-- Who wants to be told when a variant can be had again.
CREATE TABLE availability_notices (
    user_id     uuid NOT NULL REFERENCES users,
    variant_id  uuid NOT NULL REFERENCES product_variants,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (user_id, variant_id)
);
CREATE INDEX availability_notices_newest ON availability_notices (user_id, created_at DESC, variant_id DESC);
CREATE INDEX availability_notices_variant ON availability_notices (variant_id, user_id);
