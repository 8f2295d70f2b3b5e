-- Devices to which their services let the market push nothing, by the hash of what they call them, and since when. Without references: a device that
-- went for it and is registered anew as it was is known by it.
CREATE TABLE push_refusals (
    token_hash     bytea PRIMARY KEY CONSTRAINT push_refusals_token_hash_check CHECK (length(token_hash) = 32),
    refused_since  timestamptz NOT NULL
);
CREATE INDEX push_refusals_since ON push_refusals (refused_since);
