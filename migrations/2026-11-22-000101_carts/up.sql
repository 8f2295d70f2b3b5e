-- What people mean to buy. Without an owner it is a guest's, and opened by its token.
CREATE TABLE carts (
    id          uuid PRIMARY KEY,
    -- One cart of a person at the most.
    owner_id    uuid CONSTRAINT carts_owner_key UNIQUE,
    currency    text NOT NULL,
    version     integer NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    -- When it goes if nobody changes it.
    expires_at  timestamptz NOT NULL
);
CREATE INDEX carts_expires_at ON carts (expires_at);
