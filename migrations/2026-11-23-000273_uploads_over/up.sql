-- The sweep looks for what is over among what nobody keeps, however much is kept.
CREATE INDEX CONCURRENTLY uploads_over ON uploads (created_at, id) WHERE NOT is_kept;
