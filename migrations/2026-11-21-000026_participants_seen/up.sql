-- The conversations that somebody sees as a person; instead of participants_user.
CREATE INDEX CONCURRENTLY participants_seen ON participants (user_id, is_member, has_blocked, conversation_id);
