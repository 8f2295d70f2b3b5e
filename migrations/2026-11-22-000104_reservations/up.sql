-- Pieces that are held for whoever is about to order them. Once `expires_at` is over they are nobody's: whoever needs them, or a job,
-- lets them go.
CREATE TABLE stock_reservations (
    -- A cart.
    holder_id   uuid NOT NULL,
    variant_id  uuid NOT NULL REFERENCES product_variants,
    quantity    integer NOT NULL CONSTRAINT stock_reservations_quantity_check CHECK (quantity > 0),
    -- When the holder began to hold anything.
    since       timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (holder_id, variant_id)
);
CREATE INDEX stock_reservations_variant ON stock_reservations (variant_id, expires_at);
CREATE INDEX stock_reservations_expires_at ON stock_reservations (expires_at);

-- How many pieces of a variant are held: the sum of its reservations, moved in the same transaction, under the locks of its levels.
CREATE TABLE stock_reserves (
    variant_id  uuid PRIMARY KEY REFERENCES product_variants,
    reserved    bigint NOT NULL CONSTRAINT stock_reserves_reserved_check CHECK (reserved >= 0)
);
