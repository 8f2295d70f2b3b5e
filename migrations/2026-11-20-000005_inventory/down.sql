DROP TABLE stock_movements, stock_levels, locations;
