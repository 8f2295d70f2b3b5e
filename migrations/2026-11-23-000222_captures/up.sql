-- What is taken of what a buyer's bank has promised for a payment, decided once: an amount, or nothing, and then it is let go.
CREATE TABLE captures (
    id          uuid PRIMARY KEY,
    intent_id   uuid NOT NULL REFERENCES payment_intents,
    amount      bigint NOT NULL CONSTRAINT captures_amount_check CHECK (amount >= 0),
    status      text NOT NULL CONSTRAINT captures_status_check CHECK (status IN ('PROCESSING', 'SUCCEEDED', 'FAILED')),
    -- How often it was begun. With the id, the key towards the provider.
    attempt     integer NOT NULL DEFAULT 1 CONSTRAINT captures_attempt_check CHECK (attempt > 0),
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    CONSTRAINT captures_intent_key UNIQUE (intent_id)
);
