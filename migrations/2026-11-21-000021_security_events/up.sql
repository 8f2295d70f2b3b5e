-- What happened to the safety of an account, for its owner to look at.
CREATE TABLE security_events (
    id             uuid PRIMARY KEY,
    user_id        uuid NOT NULL REFERENCES users,
    kind           text NOT NULL,
    device         text NOT NULL,
    address        text,
    created_at     timestamptz NOT NULL
);
CREATE INDEX security_events_user ON security_events (user_id, id);
CREATE INDEX security_events_age ON security_events (created_at);
CREATE INDEX security_events_address ON security_events (created_at) WHERE address IS NOT NULL;
