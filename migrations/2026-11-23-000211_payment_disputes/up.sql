-- What banks of buyers take back of payments, by the provider's word. `money`: whether the provider has taken it from the market, and
-- given it again. With whom that was shared says the ledger.
CREATE TABLE payment_disputes (
    id          uuid PRIMARY KEY,
    intent_id   uuid NOT NULL REFERENCES payment_intents,
    order_id    uuid NOT NULL REFERENCES orders,
    provider    text NOT NULL CONSTRAINT payment_disputes_provider_check CHECK (char_length(provider) BETWEEN 1 AND 40),
    -- What the provider calls it.
    reference   text NOT NULL CONSTRAINT payment_disputes_reference_check CHECK (char_length(reference) BETWEEN 1 AND 255),
    amount      bigint NOT NULL CONSTRAINT payment_disputes_amount_check CHECK (amount > 0),
    currency    text NOT NULL CONSTRAINT payment_disputes_currency_check CHECK (char_length(currency) = 3),
    -- A word of the provider's.
    reason      text CONSTRAINT payment_disputes_reason_check CHECK (char_length(reason) BETWEEN 1 AND 60),
    status      text NOT NULL CONSTRAINT payment_disputes_status_check
                CHECK (status IN ('NEEDS_RESPONSE', 'UNDER_REVIEW', 'WON', 'LOST')),
    money       text NOT NULL CONSTRAINT payment_disputes_money_check CHECK (money IN ('UNTOUCHED', 'TAKEN', 'RETURNED')),
    -- Until when the market has to say something to it.
    due_by      timestamptz,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    CONSTRAINT payment_disputes_reference_key UNIQUE (provider, reference)
);
CREATE INDEX payment_disputes_intent ON payment_disputes (intent_id);
CREATE INDEX payment_disputes_order ON payment_disputes (order_id);
-- Of those the provider is asked.
CREATE INDEX payment_disputes_watched ON payment_disputes (id)
    WHERE status IN ('NEEDS_RESPONSE', 'UNDER_REVIEW') OR status = 'WON' AND money = 'TAKEN';
