-- People. A person without an address (imported from another system) cannot sign in.
CREATE TABLE users (
    id             uuid PRIMARY KEY,
    email          text,
    email_key      text CONSTRAINT users_email_key UNIQUE,
    password_hash  text,
    display_name   text NOT NULL,
    bio            text NOT NULL DEFAULT '',
    role           text NOT NULL DEFAULT 'MEMBER' CONSTRAINT users_role_check CHECK (role IN ('MEMBER', 'SUPPORT', 'ADMIN')),
    is_demo        boolean NOT NULL DEFAULT false,
    version        integer NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL,
    erased_at      timestamptz,
    CONSTRAINT users_email_check CHECK ((email IS NULL) = (email_key IS NULL))
);
CREATE INDEX users_demo ON users (id) WHERE is_demo;

-- One row per person once they changed something; absent means the market's defaults.
CREATE TABLE preferences (
    user_id        uuid PRIMARY KEY REFERENCES users,
    locale         text,
    currency       text,
    country        text,
    theme          text NOT NULL DEFAULT 'SYSTEM' CONSTRAINT preferences_theme_check CHECK (theme IN ('SYSTEM', 'LIGHT', 'DARK')),
    notifications  jsonb NOT NULL DEFAULT '{}'
);

-- A sign-up waiting for its code. The account comes into being when the code is confirmed. No code is right where
-- `is_confirmable` is false: the address is taken, or too many asked for it; nothing else tells such a row from others.
CREATE TABLE verifications (
    id             uuid PRIMARY KEY,
    email          text NOT NULL,
    email_key      text NOT NULL,
    password_hash  text,
    is_confirmable boolean NOT NULL,
    display_name   text NOT NULL,
    locale         text NOT NULL,
    attempts       integer NOT NULL DEFAULT 0,
    sent_count     integer NOT NULL DEFAULT 1,
    sent_at        timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    confirmed_at   timestamptz,
    created_at     timestamptz NOT NULL
);
CREATE INDEX verifications_email ON verifications (email_key, created_at DESC);
CREATE INDEX verifications_expiry ON verifications (expires_at);

-- A signed-in device. The refresh token carries `generation`; a rotation adds one.
CREATE TABLE sessions (
    id             uuid PRIMARY KEY,
    user_id        uuid NOT NULL REFERENCES users,
    device         text NOT NULL,
    address        text,
    generation     integer NOT NULL DEFAULT 1,
    rotated_at     timestamptz NOT NULL,
    created_at     timestamptz NOT NULL,
    last_seen_at   timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    ended_at       timestamptz,
    ended_reason   text CONSTRAINT sessions_ended_reason_check CHECK (ended_reason IN ('SIGNED_OUT', 'REUSED', 'REVOKED'))
);
CREATE INDEX sessions_user ON sessions (user_id, created_at DESC);
