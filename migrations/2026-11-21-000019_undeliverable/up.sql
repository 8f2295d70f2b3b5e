-- Addresses that a mail server says it does not have, as keyed hashes: nothing is sent there for a while.
CREATE TABLE undeliverable (
    key            bytea PRIMARY KEY,
    until          timestamptz NOT NULL
);
CREATE INDEX undeliverable_until ON undeliverable (until);
