CREATE INDEX CONCURRENTLY participants_user ON participants (user_id, is_member, conversation_id);
