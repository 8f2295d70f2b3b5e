-- Ways in which things are sent to a zone. Both bounds of weights and days count.
CREATE TABLE shipping_methods (
    id                    uuid PRIMARY KEY,
    zone_id               uuid NOT NULL REFERENCES shipping_zones ON DELETE CASCADE,
    -- Rises in the order in which they were made.
    ordinal               integer NOT NULL,
    name                  text NOT NULL CONSTRAINT shipping_methods_name_check CHECK (char_length(name) BETWEEN 1 AND 80),
    description           text CONSTRAINT shipping_methods_description_check CHECK (char_length(description) BETWEEN 1 AND 300),
    minimum_weight_grams  integer,
    maximum_weight_grams  integer,
    days_from             integer,
    days_until            integer,
    is_active             boolean NOT NULL,
    version               integer NOT NULL DEFAULT 1,
    created_at            timestamptz NOT NULL,
    CONSTRAINT shipping_methods_zone_key UNIQUE (zone_id, ordinal),
    CONSTRAINT shipping_methods_weight_check
        CHECK (minimum_weight_grams >= 0 AND maximum_weight_grams >= coalesce(minimum_weight_grams, 0)),
    CONSTRAINT shipping_methods_days_check
        CHECK (days_from BETWEEN 0 AND 365 AND days_until BETWEEN coalesce(days_from, 0) AND 365)
);

-- What a method costs, one row for each currency in which it is offered, in its minor units.
CREATE TABLE shipping_rates (
    method_id         uuid NOT NULL REFERENCES shipping_methods ON DELETE CASCADE,
    currency          text NOT NULL,
    price             bigint NOT NULL CONSTRAINT shipping_rates_price_check CHECK (price >= 0),
    -- The first subtotal that it is offered for, and the first one after it that it is not.
    minimum_subtotal  bigint,
    maximum_subtotal  bigint,
    -- From this subtotal on it costs nothing.
    free_from         bigint CONSTRAINT shipping_rates_free_from_check CHECK (free_from >= 0),
    PRIMARY KEY (method_id, currency),
    CONSTRAINT shipping_rates_subtotal_check
        CHECK (minimum_subtotal >= 0 AND maximum_subtotal > coalesce(minimum_subtotal, 0))
);
