-- Keys of machines. The key itself is told once and stored as its SHA-256; it has 256 random bits. One without an owner is
-- the operator's.
CREATE TABLE api_keys (
    id             uuid PRIMARY KEY,
    name           text NOT NULL,
    token_hash     bytea NOT NULL CONSTRAINT api_keys_token_hash_key UNIQUE,
    scopes         text[] NOT NULL CONSTRAINT api_keys_scopes_check CHECK (cardinality(scopes) > 0),
    user_id        uuid REFERENCES users,
    shop_id        uuid REFERENCES shops,
    created_at     timestamptz NOT NULL,
    expires_at     timestamptz,
    revoked_at     timestamptz,
    last_used_at   timestamptz,
    CONSTRAINT api_keys_owner_check CHECK (num_nonnulls(user_id, shop_id) <= 1)
);
CREATE INDEX api_keys_user ON api_keys (user_id);
CREATE INDEX api_keys_shop ON api_keys (shop_id);
