-- A shop asks for what it has not sent yet, newest first; few of its parts are in that state.
CREATE INDEX CONCURRENTLY order_parts_shop_state ON order_parts (shop_id, fulfillment_state, placed_at DESC, id DESC);
