CREATE INDEX media_owner ON media (owner_id);
