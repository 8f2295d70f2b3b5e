-- What guests ordered and never paid is forgotten soon: of all that they ever ordered, this is what is still to be.
CREATE INDEX CONCURRENTLY orders_called_off ON orders (placed_at)
    WHERE status = 'CANCELLED' AND buyer_id IS NULL AND refunded = 0 AND shipping_address IS NOT NULL;
