-- The sum of its parts', and why an order was called off; unknown of those that the last releases called off.
ALTER TABLE orders
    ADD COLUMN refunded bigint NOT NULL DEFAULT 0,
    ADD COLUMN cancellation text,
    ADD CONSTRAINT orders_refunded_check CHECK (refunded BETWEEN 0 AND total) NOT VALID,
    ADD CONSTRAINT orders_cancellation_check CHECK (cancellation IS NULL OR status = 'CANCELLED') NOT VALID;
