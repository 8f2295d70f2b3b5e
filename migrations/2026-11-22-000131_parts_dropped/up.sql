-- What of a part's total fell away before it was paid, and that some of it may be on its way before the rest is.
ALTER TABLE order_parts
    ADD COLUMN dropped bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT order_parts_dropped_check CHECK (dropped >= 0 AND refunded + dropped <= total) NOT VALID,
    DROP CONSTRAINT order_parts_fulfillment_state_check,
    ADD CONSTRAINT order_parts_fulfillment_state_check CHECK (fulfillment_state IN
        ('UNFULFILLED', 'PACKED', 'PARTIALLY_SHIPPED', 'SHIPPED', 'DELIVERED', 'RETURNED')) NOT VALID;
