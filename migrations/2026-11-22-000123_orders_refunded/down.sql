ALTER TABLE orders DROP COLUMN refunded, DROP COLUMN cancellation;
