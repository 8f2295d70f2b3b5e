-- What is asked for beside a password: the secret of an authenticator (RFC 6238), sealed under the master key. It counts once
-- it is confirmed. The recovery codes are hashes keyed by the secret; each goes when it is used.
CREATE TABLE second_factors (
    user_id        uuid PRIMARY KEY REFERENCES users,
    sealed_secret  bytea NOT NULL,
    -- The time step of the newest code that was taken: none is taken twice.
    last_step      bigint NOT NULL DEFAULT 0,
    recovery_codes bytea[] NOT NULL DEFAULT '{}',
    created_at     timestamptz NOT NULL,
    confirmed_at   timestamptz,
    last_used_at   timestamptz
);

-- Somebody gave the right password and is asked for the second factor. The row goes with the sign-in, or the password.
CREATE TABLE sign_in_challenges (
    id             uuid PRIMARY KEY,
    user_id        uuid NOT NULL REFERENCES users,
    attempts       integer NOT NULL DEFAULT 0,
    expires_at     timestamptz NOT NULL,
    created_at     timestamptz NOT NULL
);
CREATE INDEX sign_in_challenges_user ON sign_in_challenges (user_id);
CREATE INDEX sign_in_challenges_expiry ON sign_in_challenges (expires_at);

-- When and by what the person proved last who they are. Null: with a password, when the session began.
ALTER TABLE sessions ADD COLUMN authenticated_at timestamptz;
ALTER TABLE sessions ADD COLUMN authenticated_by text;
