-- What is learned and should not be, and what is not and should: in a market at rest, nothing.
CREATE INDEX CONCURRENTLY orders_to_learn ON orders (id)
    WHERE is_learned = (status = 'CANCELLED' OR payment_due_at IS NOT NULL);
