-- What of a part's total goes back: never more than it cost.
ALTER TABLE order_parts
    ADD COLUMN refunded bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT order_parts_refunded_check CHECK (refunded BETWEEN 0 AND total) NOT VALID;
