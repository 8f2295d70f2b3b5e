DROP INDEX CONCURRENTLY products_newly_offered;
