DROP INDEX CONCURRENTLY orders_called_off;
