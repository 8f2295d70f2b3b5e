DROP INDEX CONCURRENTLY messages_wordless;
