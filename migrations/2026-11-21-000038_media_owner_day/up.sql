-- What was kept of a person's within a day is summed up.
CREATE INDEX CONCURRENTLY media_owner_day ON media (owner_id, created_at);
