ALTER TABLE order_parts DROP COLUMN commission_rate;
