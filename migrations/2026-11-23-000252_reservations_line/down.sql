ALTER TABLE stock_reservations DROP COLUMN line_key;
