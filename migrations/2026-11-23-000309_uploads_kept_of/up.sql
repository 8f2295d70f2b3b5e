-- As media_kept_of.
CREATE INDEX CONCURRENTLY uploads_kept_of ON uploads (user_id) INCLUDE (byte_size) WHERE is_kept;
