DROP INDEX CONCURRENTLY participants_user;
