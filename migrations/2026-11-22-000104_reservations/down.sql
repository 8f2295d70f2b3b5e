DROP TABLE stock_reserves;
DROP TABLE stock_reservations;
