-- The conversations whose oldest texts are due are found by it.
CREATE INDEX CONCURRENTLY conversations_texts_from ON conversations (kind, texts_from);
