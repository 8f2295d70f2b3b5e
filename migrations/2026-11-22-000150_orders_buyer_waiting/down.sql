DROP INDEX CONCURRENTLY orders_buyer_waiting;
