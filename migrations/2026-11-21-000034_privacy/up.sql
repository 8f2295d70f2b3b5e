-- What people asked to have of what is kept about them. The row is there before the archive, and until after it is gone.
CREATE TABLE data_exports (
    id            uuid PRIMARY KEY,
    user_id       uuid NOT NULL REFERENCES users,
    state         text NOT NULL CONSTRAINT data_exports_state_check CHECK (state IN ('PREPARING', 'READY')),
    byte_size     bigint,
    requested_at  timestamptz NOT NULL,
    ready_at      timestamptz,
    expires_at    timestamptz NOT NULL,
    CONSTRAINT data_exports_ready_check CHECK ((state = 'READY') = (ready_at IS NOT NULL AND byte_size IS NOT NULL))
);
CREATE INDEX data_exports_user ON data_exports (user_id, requested_at DESC);
CREATE INDEX data_exports_over ON data_exports (expires_at);

-- Who wants their account erased, and who is: with `erased_at` they are.
CREATE TABLE account_deletions (
    user_id       uuid PRIMARY KEY REFERENCES users,
    requested_at  timestamptz NOT NULL,
    due_at        timestamptz NOT NULL,
    erased_at     timestamptz
);
CREATE INDEX account_deletions_due ON account_deletions (due_at) WHERE erased_at IS NULL;
CREATE INDEX account_deletions_erased ON account_deletions (erased_at);

-- What stands for the address of an erased account, while something holds against it that a new account must not rid anybody of.
CREATE TABLE former_addresses (
    user_id       uuid PRIMARY KEY REFERENCES users,
    address_key   bytea NOT NULL,
    erased_at     timestamptz NOT NULL
);
CREATE INDEX former_addresses_key ON former_addresses (address_key);
CREATE INDEX former_addresses_age ON former_addresses (erased_at);

-- A block of an erased account holds for the one that came after it with the same address, of which the blocker learns nothing.
ALTER TABLE blocks ADD COLUMN inherited_from uuid REFERENCES users;
