-- A search looks for words and conversations at once, so that it never reads what others write.
CREATE INDEX CONCURRENTLY messages_words ON messages USING gin (words);
