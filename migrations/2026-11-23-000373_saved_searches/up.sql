-- What people want to find again, and to be told of when something new fits. The filter is that of the API, as it was given: a later release that
-- does not understand it any more says so, and keeps it.
CREATE TABLE saved_searches (
    id           uuid PRIMARY KEY,
    user_id      uuid NOT NULL REFERENCES users,
    name         text NOT NULL CONSTRAINT saved_searches_name_check CHECK (length(name) BETWEEN 1 AND 80),
    filter       jsonb NOT NULL CONSTRAINT saved_searches_filter_check CHECK (jsonb_typeof(filter) = 'object'),
    -- The language in which it was looked for.
    locale       text,
    has_notices  boolean NOT NULL,
    created_at   timestamptz NOT NULL,
    -- Up to when what has come to the market was held against it, and when that is done the next time.
    looked_at    timestamptz NOT NULL,
    look_at      timestamptz NOT NULL
);
CREATE INDEX saved_searches_person ON saved_searches (user_id, created_at, id);
CREATE INDEX saved_searches_due ON saved_searches (look_at, id) WHERE has_notices;
