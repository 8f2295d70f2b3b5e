-- Devices that are woken, each by the session that it is signed in with. The token is what its push service calls it, of a browser a URL;
-- its hash is the name by which it is found.
CREATE TABLE push_devices (
    id          uuid PRIMARY KEY,
    user_id     uuid NOT NULL REFERENCES users,
    session_id  uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
    platform    text NOT NULL CONSTRAINT push_devices_platform_check CHECK (platform IN ('APNS', 'FCM', 'WEB_PUSH')),
    token       text NOT NULL CONSTRAINT push_devices_token_check CHECK (length(token) BETWEEN 1 AND 4096),
    token_hash  bytea NOT NULL CONSTRAINT push_devices_token_hash_check CHECK (length(token_hash) = 32),
    -- Of a browser: by what only it reads what is pushed.
    public_key  bytea CONSTRAINT push_devices_public_key_check CHECK (length(public_key) = 65),
    secret      bytea CONSTRAINT push_devices_secret_check CHECK (length(secret) = 16),
    created_at  timestamptz NOT NULL,
    CONSTRAINT push_devices_token_hash UNIQUE (token_hash),
    CONSTRAINT push_devices_keys_check
        CHECK ((platform = 'WEB_PUSH') = (public_key IS NOT NULL) AND (platform = 'WEB_PUSH') = (secret IS NOT NULL))
);
CREATE INDEX push_devices_user ON push_devices (user_id, created_at, id);
CREATE INDEX push_devices_session ON push_devices (session_id);
