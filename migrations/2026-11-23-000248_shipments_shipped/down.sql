DROP INDEX CONCURRENTLY shipments_shipped;
