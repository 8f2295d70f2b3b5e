-- Keys that sign access tokens; the private half is sealed under the master key.
CREATE TABLE signing_keys (
    id          text PRIMARY KEY,
    public_key  bytea NOT NULL,
    sealed_key  bytea NOT NULL,
    created_at  timestamptz NOT NULL
);

-- Background work. A row is due when run_at has passed; a claim moves run_at ahead by a lease.
CREATE TABLE jobs (
    id          uuid PRIMARY KEY,
    kind        text NOT NULL,
    payload     jsonb NOT NULL,
    unique_key  text,
    state       text NOT NULL DEFAULT 'DUE' CONSTRAINT jobs_state_check CHECK (state IN ('DUE', 'DEAD')),
    run_at      timestamptz NOT NULL,
    attempts    integer NOT NULL DEFAULT 0,
    last_error  text,
    created_at  timestamptz NOT NULL
);
CREATE INDEX jobs_due ON jobs (run_at, id) WHERE state = 'DUE';
CREATE INDEX jobs_dead ON jobs (created_at, id) WHERE state = 'DEAD';
CREATE UNIQUE INDEX jobs_unique_key ON jobs (unique_key) WHERE state = 'DUE';

-- What became of an operation that must not act twice. `outcome` holds ids and refusals, never text of people.
CREATE TABLE idempotency_keys (
    scope        text NOT NULL,
    operation    text NOT NULL,
    key          text NOT NULL,
    input_hash   bytea NOT NULL,
    outcome      jsonb,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    PRIMARY KEY (scope, operation, key)
);
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);

-- One row: which log this is and how far it goes.
CREATE TABLE event_log (
    singleton          boolean PRIMARY KEY DEFAULT true CONSTRAINT event_log_singleton_check CHECK (singleton),
    epoch              uuid NOT NULL,
    cluster            text NOT NULL,
    last_position      bigint NOT NULL DEFAULT 0,
    first_position     bigint NOT NULL DEFAULT 1
);

-- Events as they were committed, on their way to a position in the log.
CREATE TABLE event_outbox (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind          text NOT NULL,
    payload       jsonb NOT NULL,
    topics        uuid[] NOT NULL,
    actor_id      uuid,
    on_behalf_of  uuid,
    session_id    uuid,
    request_id    text,
    recorded_at   timestamptz NOT NULL
);

-- The log: dense positions, given by one sequencer. Partitions of a million positions are made ahead and dropped whole.
CREATE TABLE events (
    position      bigint NOT NULL PRIMARY KEY,
    kind          text NOT NULL,
    payload       jsonb NOT NULL,
    topics        uuid[] NOT NULL,
    actor_id      uuid,
    on_behalf_of  uuid,
    session_id    uuid,
    request_id    text,
    recorded_at   timestamptz NOT NULL
) PARTITION BY RANGE (position);
CREATE INDEX events_topics ON events USING gin (topics);
CREATE TABLE events_p0 PARTITION OF events FOR VALUES FROM (0) TO (1000000);

-- The sequencer gives the log a new epoch when it finds itself in another cluster than the one named here.
INSERT INTO event_log (epoch, cluster) VALUES (gen_random_uuid(), '');
