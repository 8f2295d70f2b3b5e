ALTER TABLE order_lines DROP COLUMN packed, DROP COLUMN cancelled;
