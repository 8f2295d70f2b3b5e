-- People as their provider knows them who keep ways to pay there.
CREATE TABLE payment_customers (
    id          uuid PRIMARY KEY,
    -- Who it is; null once they are erased, until the provider has forgotten them, too.
    user_id     uuid REFERENCES users,
    provider    text NOT NULL CONSTRAINT payment_customers_provider_check CHECK (length(provider) BETWEEN 1 AND 40),
    reference   text NOT NULL CONSTRAINT payment_customers_reference_check CHECK (length(reference) BETWEEN 1 AND 255),
    created_at  timestamptz NOT NULL,
    CONSTRAINT payment_customers_reference_key UNIQUE (provider, reference)
);
CREATE UNIQUE INDEX payment_customers_user ON payment_customers (user_id, provider);

-- What they keep: what the provider calls it and tells of it, never a number.
CREATE TABLE payment_methods (
    id            uuid PRIMARY KEY,
    customer_id   uuid NOT NULL REFERENCES payment_customers,
    -- Null once the provider has let it go.
    reference     text CONSTRAINT payment_methods_reference_check CHECK (length(reference) BETWEEN 1 AND 255),
    brand         text CONSTRAINT payment_methods_brand_check CHECK (length(brand) BETWEEN 1 AND 40),
    last4         text CONSTRAINT payment_methods_last4_check CHECK (length(last4) BETWEEN 1 AND 4),
    expiry_month  smallint CONSTRAINT payment_methods_expiry_month_check CHECK (expiry_month BETWEEN 1 AND 12),
    expiry_year   smallint CONSTRAINT payment_methods_expiry_year_check CHECK (expiry_year BETWEEN 2000 AND 9999),
    created_at    timestamptz NOT NULL,
    -- What is removed stays without its looks, so that removing it once more is known for what it is.
    removed_at    timestamptz,
    CONSTRAINT payment_methods_removed_check CHECK (reference IS NOT NULL OR removed_at IS NOT NULL)
);
CREATE INDEX payment_methods_customer ON payment_methods (customer_id, created_at, id);
CREATE UNIQUE INDEX payment_methods_kept ON payment_methods (customer_id, reference) WHERE removed_at IS NULL;
