-- The names by which people are found, in lower case: the present one, and those before, which still lead to them.
CREATE TABLE handles (
    handle_key     text PRIMARY KEY,
    user_id        uuid NOT NULL REFERENCES users,
    created_at     timestamptz NOT NULL
);
CREATE INDEX handles_user ON handles (user_id);
-- The present one, as it is written.
ALTER TABLE users ADD COLUMN handle text;
ALTER TABLE preferences ADD COLUMN time_zone text;
