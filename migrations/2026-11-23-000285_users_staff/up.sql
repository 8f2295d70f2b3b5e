-- The staff are few, and told by mail what they have to decide.
CREATE INDEX CONCURRENTLY users_staff ON users (id) WHERE role <> 'MEMBER';
