-- A person's address book. An order keeps a copy of its own.
CREATE TABLE saved_addresses (
    id                   uuid PRIMARY KEY,
    user_id              uuid NOT NULL REFERENCES users,
    address              jsonb NOT NULL,
    is_default_shipping  boolean NOT NULL,
    is_default_billing   boolean NOT NULL,
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL
);
CREATE INDEX saved_addresses_user ON saved_addresses (user_id, id);
CREATE UNIQUE INDEX saved_addresses_shipping ON saved_addresses (user_id) WHERE is_default_shipping;
CREATE UNIQUE INDEX saved_addresses_billing ON saved_addresses (user_id) WHERE is_default_billing;
