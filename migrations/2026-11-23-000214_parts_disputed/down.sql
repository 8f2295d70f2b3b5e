ALTER TABLE order_parts DROP COLUMN disputed;
