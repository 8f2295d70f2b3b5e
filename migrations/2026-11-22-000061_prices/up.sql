-- What a variant costs in each currency, as it was written into its history last. In its shop's currency `product_variants.price`
-- is what counts, and this follows. `lowest_recent_amount`: the lowest at which it was for sale in the 30 days before this
-- price came into force; none if it was not.
CREATE TABLE variant_prices (
    variant_id            uuid NOT NULL REFERENCES product_variants,
    currency              text NOT NULL,
    amount                bigint NOT NULL CONSTRAINT variant_prices_amount_check CHECK (amount >= 0),
    compare_at_amount     bigint,
    lowest_recent_amount  bigint,
    is_for_sale           boolean NOT NULL,
    PRIMARY KEY (variant_id, currency),
    CONSTRAINT variant_prices_compare_at_amount_check CHECK (compare_at_amount > amount)
);

-- Append-only: what a variant cost from a moment on, in the order of the ids, for its product is locked meanwhile. Without an
-- amount it has no price in the currency any more.
CREATE TABLE price_changes (
    id                    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    variant_id            uuid NOT NULL REFERENCES product_variants,
    currency              text NOT NULL,
    amount                bigint CONSTRAINT price_changes_amount_check CHECK (amount >= 0),
    compare_at_amount     bigint,
    lowest_recent_amount  bigint,
    is_for_sale           boolean NOT NULL,
    actor_id              uuid,
    created_at            timestamptz NOT NULL
);
CREATE INDEX price_changes_variant ON price_changes (variant_id, id);
CREATE INDEX price_changes_currency ON price_changes (variant_id, currency, created_at, id);
CREATE INDEX price_changes_actor ON price_changes (actor_id, id);
