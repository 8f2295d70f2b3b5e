-- The account to which a provider sends what a shop has earned, and whether it takes anything. `destination` is the provider's name of it.
CREATE TABLE payout_accounts (
    shop_id      uuid PRIMARY KEY REFERENCES shops,
    provider     text NOT NULL CONSTRAINT payout_accounts_provider_check CHECK (char_length(provider) BETWEEN 1 AND 40),
    destination  text NOT NULL CONSTRAINT payout_accounts_destination_check CHECK (char_length(destination) BETWEEN 1 AND 255),
    status       text NOT NULL CONSTRAINT payout_accounts_status_check CHECK (status IN ('REQUIREMENTS', 'ENABLED')),
    -- Who named it, or had it made. Nothing goes there unless they own the shop.
    set_by       uuid REFERENCES users,
    updated_at   timestamptz NOT NULL
);
CREATE INDEX payout_accounts_set_by ON payout_accounts (set_by);

-- Money that leaves the market for a shop: one a day in each currency at the most. Of one that failed for good it has come back.
CREATE TABLE payouts (
    id           uuid PRIMARY KEY,
    shop_id      uuid NOT NULL REFERENCES shops,
    amount       bigint NOT NULL CONSTRAINT payouts_amount_check CHECK (amount > 0),
    currency     text NOT NULL CONSTRAINT payouts_currency_check CHECK (char_length(currency) = 3),
    status       text NOT NULL CONSTRAINT payouts_status_check CHECK (status IN ('PENDING', 'PAID', 'FAILED')),
    failure      text CONSTRAINT payouts_failure_check CHECK (failure IN ('DECLINED', 'ACCOUNT_CLOSED', 'WITHHELD')),
    -- How often it was begun. With the id, the key towards the provider.
    attempt      integer NOT NULL DEFAULT 1 CONSTRAINT payouts_attempt_check CHECK (attempt > 0),
    -- When a provider was first asked for this attempt. Null: nothing can have been sent by it.
    asked_at     timestamptz,
    provider     text NOT NULL CONSTRAINT payouts_provider_check CHECK (char_length(provider) BETWEEN 1 AND 40),
    destination  text NOT NULL CONSTRAINT payouts_destination_check CHECK (char_length(destination) BETWEEN 1 AND 255),
    reference    text CONSTRAINT payouts_reference_check CHECK (char_length(reference) BETWEEN 1 AND 255),
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    CONSTRAINT payouts_failed_check CHECK ((status = 'FAILED') = (failure IS NOT NULL))
);
CREATE INDEX payouts_shop ON payouts (shop_id, created_at, id);
CREATE UNIQUE INDEX payouts_day ON payouts (shop_id, currency, ((created_at AT TIME ZONE 'UTC')::date));
CREATE INDEX payouts_pending ON payouts (updated_at, id) WHERE status = 'PENDING';
