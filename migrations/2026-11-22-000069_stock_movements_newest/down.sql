DROP INDEX stock_movements_newest;
