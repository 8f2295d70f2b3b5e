-- Leave for one of the staff to act on somebody's behalf for a while.
CREATE TABLE staff_grants (
    id             uuid PRIMARY KEY,
    staff_id       uuid NOT NULL REFERENCES users,
    user_id        uuid NOT NULL REFERENCES users,
    reason         text NOT NULL,
    created_at     timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    ended_at       timestamptz,
    CONSTRAINT staff_grants_check CHECK (staff_id <> user_id)
);
CREATE INDEX staff_grants_staff ON staff_grants (staff_id);
CREATE INDEX staff_grants_user ON staff_grants (user_id);

-- What the staff did about a person, for that person to look at. Rows are only ever added, and forgotten by age.
CREATE TABLE audit_entries (
    id             uuid PRIMARY KEY,
    user_id        uuid NOT NULL REFERENCES users,
    staff_id       uuid REFERENCES users,
    grant_id       uuid REFERENCES staff_grants,
    action         text NOT NULL,
    reason         text NOT NULL,
    created_at     timestamptz NOT NULL
);
CREATE INDEX audit_entries_user ON audit_entries (user_id, id);
CREATE INDEX audit_entries_staff ON audit_entries (staff_id);
CREATE INDEX audit_entries_grant ON audit_entries (grant_id);
CREATE INDEX audit_entries_age ON audit_entries (created_at);
