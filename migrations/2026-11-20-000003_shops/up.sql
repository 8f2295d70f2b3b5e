CREATE TABLE shops (
    id           uuid PRIMARY KEY,
    handle       text NOT NULL CONSTRAINT shops_handle_key UNIQUE,
    name         text NOT NULL,
    description  text NOT NULL DEFAULT '',
    currency     text NOT NULL CONSTRAINT shops_currency_check CHECK (currency ~ '^[A-Z]{3}$'),
    country      text NOT NULL CONSTRAINT shops_country_check CHECK (country ~ '^[A-Z]{2}$'),
    version      integer NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL
);

CREATE TABLE shop_members (
    shop_id     uuid NOT NULL REFERENCES shops,
    user_id     uuid NOT NULL REFERENCES users,
    role        text NOT NULL CONSTRAINT shop_members_role_check CHECK (role IN ('OWNER', 'MANAGER', 'FULFILLMENT', 'SUPPORT')),
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (shop_id, user_id)
);
CREATE INDEX shop_members_user ON shop_members (user_id);
