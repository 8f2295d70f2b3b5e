-- What the test provider has done, as an outside system would remember it: in transactions of its own, and by names alone. Nothing of ours
-- refers to it, and it to nothing of ours. Each act is here once, by the key under which it was asked for.
CREATE TABLE test_provider_acts (
    key             text PRIMARY KEY CONSTRAINT test_provider_acts_key_check CHECK (char_length(key) BETWEEN 1 AND 400),
    kind            text NOT NULL CONSTRAINT test_provider_acts_kind_check
                    CHECK (kind IN ('CHARGE', 'CAPTURE', 'REFUND', 'TRANSFER', 'DISPUTE')),
    -- Our id of the payment that it is about; none of what was sent to a shop.
    payment         uuid,
    -- The account to which something was sent.
    destination     text CONSTRAINT test_provider_acts_destination_check CHECK (char_length(destination) <= 255),
    amount          bigint NOT NULL CONSTRAINT test_provider_acts_amount_check CHECK (amount >= 0),
    currency        text NOT NULL CONSTRAINT test_provider_acts_currency_check CHECK (char_length(currency) = 3),
    outcome         text NOT NULL CONSTRAINT test_provider_acts_outcome_check CHECK (outcome IN ('DONE', 'REFUSED')),
    -- How a dispute stands.
    dispute_status  text CONSTRAINT test_provider_acts_dispute_status_check
                    CHECK (dispute_status IN ('NEEDS_RESPONSE', 'UNDER_REVIEW', 'WON', 'LOST')),
    dispute_money   text CONSTRAINT test_provider_acts_dispute_money_check CHECK (dispute_money IN ('UNTOUCHED', 'TAKEN', 'RETURNED')),
    created_at      timestamptz NOT NULL,
    CONSTRAINT test_provider_acts_transfer_check CHECK ((kind = 'TRANSFER') = (destination IS NOT NULL)),
    CONSTRAINT test_provider_acts_dispute_check
        CHECK ((kind = 'DISPUTE') = (dispute_status IS NOT NULL) AND (kind = 'DISPUTE') = (dispute_money IS NOT NULL))
);
CREATE INDEX test_provider_acts_payment ON test_provider_acts (payment);
