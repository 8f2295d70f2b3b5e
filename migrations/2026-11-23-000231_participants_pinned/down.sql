DROP INDEX CONCURRENTLY participants_pinned;
