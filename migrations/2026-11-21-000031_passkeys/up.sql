-- Keys that people's authenticators hold; what is here is no secret. `dynamic_state` and the count are as of the last use.
CREATE TABLE passkeys (
    id             uuid PRIMARY KEY,
    user_id        uuid NOT NULL REFERENCES users,
    credential_id  bytea NOT NULL CONSTRAINT passkeys_credential_key UNIQUE,
    name           text NOT NULL,
    static_state   bytea NOT NULL,
    dynamic_state  bytea NOT NULL,
    transports     smallint NOT NULL,
    sign_count     bigint NOT NULL,
    created_at     timestamptz NOT NULL,
    last_used_at   timestamptz
);
CREATE INDEX passkeys_user ON passkeys (user_id);

-- What authenticators are being asked, by the challenge that their answers name. `user_id` is whose new passkey it is to be;
-- null where any passkey is asked for. A row goes with the first answer.
CREATE TABLE passkey_ceremonies (
    challenge      bytea PRIMARY KEY,
    user_id        uuid REFERENCES users,
    state          bytea NOT NULL,
    expires_at     timestamptz NOT NULL,
    created_at     timestamptz NOT NULL
);
CREATE INDEX passkey_ceremonies_user ON passkey_ceremonies (user_id);
CREATE INDEX passkey_ceremonies_expiry ON passkey_ceremonies (expires_at);
