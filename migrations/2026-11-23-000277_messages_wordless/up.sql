-- What was written before there were words, or by a program that does not know of them.
CREATE INDEX CONCURRENTLY messages_wordless ON messages (id) WHERE words IS NULL AND text IS NOT NULL;
