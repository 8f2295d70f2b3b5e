-- The sum of its parts'.
ALTER TABLE orders
    ADD COLUMN dropped bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT orders_dropped_check CHECK (dropped >= 0 AND refunded + dropped <= total) NOT VALID;
