-- The language in which somebody is written to who has not chosen one: that of their sign-up.
ALTER TABLE users ADD COLUMN locale text NOT NULL DEFAULT 'en';

ALTER TABLE sessions DROP CONSTRAINT sessions_ended_reason_check;
ALTER TABLE sessions ADD CONSTRAINT sessions_ended_reason_check
    CHECK (ended_reason IN ('SIGNED_OUT', 'REUSED', 'REVOKED', 'PASSWORD_CHANGED')) NOT VALID;

-- Somebody forgot a password. Where nobody has the address, `user_id` is null; nothing else tells such a row from others.
CREATE TABLE password_resets (
    id             uuid PRIMARY KEY,
    user_id        uuid REFERENCES users,
    email_key      text NOT NULL,
    expires_at     timestamptz NOT NULL,
    used_at        timestamptz,
    created_at     timestamptz NOT NULL
);
CREATE INDEX password_resets_user ON password_resets (user_id);
CREATE INDEX password_resets_email ON password_resets (email_key, created_at);
CREATE INDEX password_resets_expiry ON password_resets (expires_at);

-- Somebody wants another address. Neither code nor link is right where `is_confirmable` is false: the address is taken, or
-- too many asked for it.
CREATE TABLE email_changes (
    id             uuid PRIMARY KEY,
    user_id        uuid NOT NULL REFERENCES users,
    email          text NOT NULL,
    email_key      text NOT NULL,
    old_email      text NOT NULL,
    is_confirmable boolean NOT NULL,
    attempts       integer NOT NULL DEFAULT 0,
    expires_at     timestamptz NOT NULL,
    confirmed_at   timestamptz,
    created_at     timestamptz NOT NULL
);
CREATE INDEX email_changes_user ON email_changes (user_id, created_at);
CREATE INDEX email_changes_email ON email_changes (email_key, created_at);
CREATE INDEX email_changes_expiry ON email_changes (expires_at);
