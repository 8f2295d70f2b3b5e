-- Until when an order waits for its money. Null of what waits for none: it is paid, called off, or its shop knows better.
ALTER TABLE orders ADD COLUMN payment_due_at timestamptz;
