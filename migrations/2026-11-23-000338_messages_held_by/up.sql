-- What somebody sees alone, in the order in which they see it.
CREATE INDEX CONCURRENTLY messages_held_by ON messages (conversation_id, author_id, held_number) WHERE held IS NOT NULL;
