-- Accounts of people at other places, by which they sign in here. The subject names the person there for ever; the address is
-- what the provider told when they were linked, for its owner to look at.
CREATE TABLE identities (
    id             uuid PRIMARY KEY,
    user_id        uuid NOT NULL REFERENCES users,
    issuer         text NOT NULL,
    subject        text NOT NULL,
    email          text,
    created_at     timestamptz NOT NULL,
    last_used_at   timestamptz NOT NULL,
    CONSTRAINT identities_subject UNIQUE (issuer, subject),
    CONSTRAINT identities_user UNIQUE (user_id, issuer)
);

-- Somebody was sent to a provider and is expected back. Only whoever shows what `binding_hash` is the hash of can go on, once.
-- `user_id` is whose account the provider's is to be linked with; null where somebody signs in.
CREATE TABLE provider_flows (
    id              uuid PRIMARY KEY,
    provider        text NOT NULL,
    user_id         uuid REFERENCES users,
    return_to       text NOT NULL,
    binding_hash    bytea NOT NULL,
    sealed_verifier bytea NOT NULL,
    -- A keyed hash of the line that it began on, so that the row names nobody.
    line_key        bytea NOT NULL,
    expires_at      timestamptz NOT NULL,
    used_at         timestamptz
);
CREATE INDEX provider_flows_user ON provider_flows (user_id);
CREATE INDEX provider_flows_line ON provider_flows (line_key, expires_at);
CREATE INDEX provider_flows_expiry ON provider_flows (expires_at);
