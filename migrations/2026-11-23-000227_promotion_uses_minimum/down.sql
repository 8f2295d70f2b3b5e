ALTER TABLE promotion_uses DROP COLUMN minimum_subtotal;
