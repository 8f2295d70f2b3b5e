ALTER TABLE order_parts DROP COLUMN is_invoiced;
