DROP INDEX CONCURRENTLY messages_held_by;
