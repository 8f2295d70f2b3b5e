-- How many orders of a buyer wait for their money is counted whenever they place one. Few wait at a time.
CREATE INDEX CONCURRENTLY orders_buyer_waiting ON orders (buyer_id) WHERE payment_due_at IS NOT NULL;
