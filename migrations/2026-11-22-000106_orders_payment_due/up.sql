-- Apart, for nobody must be kept from ordering meanwhile. Few orders wait at a time.
CREATE INDEX CONCURRENTLY orders_payment_due_at ON orders (payment_due_at) WHERE payment_due_at IS NOT NULL;
