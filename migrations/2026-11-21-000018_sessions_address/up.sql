-- Sessions that still tell where they began: after a while they must not.
CREATE INDEX CONCURRENTLY sessions_address ON sessions (created_at) WHERE address IS NOT NULL;
