-- Whom the staff keep from writing, until a time or for good, and by which decision.
CREATE TABLE suspensions (
    user_id     uuid PRIMARY KEY REFERENCES users,
    cause_id    uuid NOT NULL,
    until       timestamptz,
    created_at  timestamptz NOT NULL
);
