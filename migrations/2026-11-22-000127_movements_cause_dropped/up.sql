-- That each happens once is seen to under the order's lock: never does more go back than it holds.
DROP INDEX CONCURRENTLY stock_movements_cause;
