-- What a shop takes off its part of an order: a share in hundredths of a percent or an amount off its goods, or its shipping. Amounts
-- are in one currency. One without a code applies by itself. What was deleted stays, for orders have used it.
CREATE TABLE promotions (
    id                uuid PRIMARY KEY,
    shop_id           uuid NOT NULL REFERENCES shops,
    name              text NOT NULL CONSTRAINT promotions_name_check CHECK (char_length(name) BETWEEN 1 AND 80),
    code              text CONSTRAINT promotions_code_check CHECK (code ~ '^[A-Z0-9-]{3,40}$'),
    kind              text NOT NULL CONSTRAINT promotions_kind_check CHECK (kind IN ('PERCENTAGE', 'AMOUNT', 'FREE_SHIPPING')),
    rate              integer CONSTRAINT promotions_rate_check CHECK (rate BETWEEN 1 AND 10000),
    amount            bigint CONSTRAINT promotions_amount_check CHECK (amount > 0),
    minimum_subtotal  bigint CONSTRAINT promotions_minimum_subtotal_check CHECK (minimum_subtotal > 0),
    currency          text,
    starts_at         timestamptz NOT NULL,
    ends_at           timestamptz,
    limit_total       integer CONSTRAINT promotions_limit_total_check CHECK (limit_total > 0),
    limit_per_person  integer CONSTRAINT promotions_limit_per_person_check CHECK (limit_per_person > 0),
    -- How many orders have it, where there is a limit in total; else 0, so that orders do not wait for each other.
    used              integer NOT NULL DEFAULT 0,
    is_active         boolean NOT NULL,
    version           integer NOT NULL DEFAULT 1,
    created_at        timestamptz NOT NULL,
    deleted_at        timestamptz,
    CONSTRAINT promotions_value_check CHECK ((kind = 'PERCENTAGE') = (rate IS NOT NULL) AND (kind = 'AMOUNT') = (amount IS NOT NULL)),
    CONSTRAINT promotions_currency_check CHECK ((currency IS NOT NULL) = (amount IS NOT NULL OR minimum_subtotal IS NOT NULL)),
    CONSTRAINT promotions_ends_at_check CHECK (ends_at > starts_at),
    CONSTRAINT promotions_used_check CHECK (used BETWEEN 0 AND coalesce(limit_total, 0))
);
CREATE INDEX promotions_shop ON promotions (shop_id, created_at, id);
CREATE UNIQUE INDEX promotions_code ON promotions (shop_id, code) WHERE deleted_at IS NULL;
