-- The market's staff go through all orders, newest first.
CREATE INDEX CONCURRENTLY orders_placed ON orders (placed_at DESC, id DESC);
