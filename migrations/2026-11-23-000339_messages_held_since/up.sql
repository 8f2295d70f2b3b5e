-- What the staff are to look at, and what was held for longer than it is kept.
CREATE INDEX CONCURRENTLY messages_held_since ON messages (held, created_at DESC, id DESC) WHERE held IS NOT NULL AND text IS NOT NULL;
