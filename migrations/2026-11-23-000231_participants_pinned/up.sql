-- The few conversations that somebody has pinned.
CREATE INDEX CONCURRENTLY participants_pinned ON participants (user_id, conversation_id) WHERE pinned_at IS NOT NULL;
