-- Sessions by when they ended, or will: what ended long ago is forgotten.
CREATE INDEX CONCURRENTLY sessions_over ON sessions ((coalesce(ended_at, expires_at)));
