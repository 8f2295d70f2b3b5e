-- What the provider keeps of a payment, or for a dispute of one, by its word and by its name for that: so it is booked once, however often it
-- is told. Below zero it was given again. It is in the currency in which the provider settles.
CREATE TABLE provider_fees (
    id          uuid PRIMARY KEY,
    intent_id   uuid NOT NULL REFERENCES payment_intents,
    -- None of what is kept of the payment itself.
    dispute_id  uuid REFERENCES payment_disputes,
    provider    text NOT NULL CONSTRAINT provider_fees_provider_check CHECK (char_length(provider) BETWEEN 1 AND 40),
    reference   text NOT NULL CONSTRAINT provider_fees_reference_check CHECK (char_length(reference) BETWEEN 1 AND 400),
    amount      bigint NOT NULL,
    currency    text NOT NULL CONSTRAINT provider_fees_currency_check CHECK (char_length(currency) = 3),
    created_at  timestamptz NOT NULL,
    CONSTRAINT provider_fees_reference_key UNIQUE (provider, reference)
);
CREATE INDEX provider_fees_intent ON provider_fees (intent_id);
CREATE INDEX provider_fees_dispute ON provider_fees (dispute_id);
-- It keeps something of a payment once.
CREATE UNIQUE INDEX provider_fees_own ON provider_fees (intent_id) WHERE dispute_id IS NULL;
