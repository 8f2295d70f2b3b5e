-- What is in carts: a variant once.
CREATE TABLE cart_lines (
    cart_id     uuid NOT NULL REFERENCES carts,
    variant_id  uuid NOT NULL REFERENCES product_variants,
    -- Rises in the order in which they were added.
    ordinal     integer NOT NULL,
    quantity    integer NOT NULL CONSTRAINT cart_lines_quantity_check CHECK (quantity BETWEEN 1 AND 10000),
    -- What one cost when it was added, or when its price was accepted; in the cart's currency.
    unit_price  bigint,
    added_at    timestamptz NOT NULL,
    PRIMARY KEY (cart_id, variant_id)
);
CREATE INDEX cart_lines_variant ON cart_lines (variant_id);
