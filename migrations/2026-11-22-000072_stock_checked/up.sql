-- Apart, for it reads the tables, and nobody waits for that.
ALTER TABLE locations VALIDATE CONSTRAINT locations_is_active_check;
ALTER TABLE stock_movements VALIDATE CONSTRAINT stock_movements_reason_check;
ALTER TABLE stock_levels VALIDATE CONSTRAINT stock_levels_backordered_check;
