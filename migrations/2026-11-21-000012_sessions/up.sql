-- When something about a session's standing changed last: it ended, or its person got another role. Every process asks for
-- the latest of these several times a second. By Postgres' clock, for the processes' own may differ.
ALTER TABLE sessions ADD COLUMN changed_at timestamptz;
CREATE INDEX sessions_changed ON sessions (changed_at) WHERE changed_at IS NOT NULL;
