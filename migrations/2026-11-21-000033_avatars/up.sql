-- Apart, for it must not keep anybody from changing their profile: the table may be large.
CREATE INDEX CONCURRENTLY users_avatar ON users (avatar_id);
