-- A shop asks for what it can pack or send now, newest first: of all that it ever sold, this is what is still to go.
CREATE INDEX CONCURRENTLY order_parts_to_send ON order_parts (shop_id, placed_at DESC, id DESC)
    WHERE fulfillment_state IN ('UNFULFILLED', 'PACKED', 'PARTIALLY_SHIPPED');
