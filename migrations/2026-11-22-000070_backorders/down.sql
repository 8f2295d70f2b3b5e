DROP TRIGGER stock_levels_pay_backordered ON stock_levels;
DROP FUNCTION stock_levels_pay_backordered();
ALTER TABLE stock_levels DROP COLUMN backordered;
