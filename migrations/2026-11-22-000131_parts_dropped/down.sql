UPDATE order_parts SET fulfillment_state = 'PACKED' WHERE fulfillment_state = 'PARTIALLY_SHIPPED';
ALTER TABLE order_parts
    DROP COLUMN dropped,
    DROP CONSTRAINT order_parts_fulfillment_state_check,
    ADD CONSTRAINT order_parts_fulfillment_state_check
        CHECK (fulfillment_state IN ('UNFULFILLED', 'PACKED', 'SHIPPED', 'DELIVERED', 'RETURNED')) NOT VALID;
