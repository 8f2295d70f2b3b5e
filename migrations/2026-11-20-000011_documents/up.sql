-- One row. Whoever changes what is below holds its lock; `revision` counts the changes to what is trusted.
CREATE TABLE documents_state (
    singleton  boolean PRIMARY KEY DEFAULT true CONSTRAINT documents_state_singleton_check CHECK (singleton),
    revision   bigint NOT NULL DEFAULT 0
);
INSERT INTO documents_state DEFAULT VALUES;

-- Documents that are trusted, or that clients have named by their hash. The text is kept of trusted ones only.
CREATE TABLE documents (
    hash           text PRIMARY KEY CONSTRAINT documents_hash_check CHECK (hash ~ '^[0-9a-f]{64}$'),
    operations     text[] NOT NULL,
    text           text,
    trusted_at     timestamptz,
    first_seen_at  timestamptz NOT NULL,
    CONSTRAINT documents_trusted_check CHECK ((text IS NULL) = (trusted_at IS NULL))
);
CREATE INDEX documents_newest ON documents (first_seen_at, hash);

-- Who uses the API, as clients say themselves. Bounded: what does not fit is counted for one named `(other)`.
CREATE TABLE usage_clients (
    id       integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name     text NOT NULL,
    version  text NOT NULL,
    CONSTRAINT usage_clients_key UNIQUE (name, version)
);

-- `latencies` counts calls by how long they took, in buckets that grow.
CREATE TABLE document_usage (
    hash           text NOT NULL REFERENCES documents ON DELETE CASCADE,
    operation      text NOT NULL,
    client_id      integer NOT NULL REFERENCES usage_clients,
    calls          bigint NOT NULL,
    errors         bigint NOT NULL,
    cost           bigint NOT NULL,
    latencies      bigint[] NOT NULL,
    first_used_at  timestamptz NOT NULL,
    last_used_at   timestamptz NOT NULL,
    PRIMARY KEY (hash, operation, client_id)
);
CREATE INDEX document_usage_client ON document_usage (client_id);
CREATE INDEX document_usage_age ON document_usage (last_used_at);

-- `field` is `Type.field`.
CREATE TABLE field_usage (
    field          text NOT NULL,
    client_id      integer NOT NULL REFERENCES usage_clients,
    calls          bigint NOT NULL,
    first_used_at  timestamptz NOT NULL,
    last_used_at   timestamptz NOT NULL,
    PRIMARY KEY (field, client_id)
);
CREATE INDEX field_usage_client ON field_usage (client_id);
CREATE INDEX field_usage_age ON field_usage (last_used_at);
