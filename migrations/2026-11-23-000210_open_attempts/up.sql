-- By what attempts to pay are counted of which nobody knows yet whether their card is declined: the keyed hashes of `guesses`, for a
-- person (of a guest, an order), a line and perhaps a card. A row goes when that is known, and after a day in any case.
CREATE TABLE open_attempts (
    intent_id  uuid PRIMARY KEY REFERENCES payment_intents ON DELETE CASCADE,
    keys       bytea[] NOT NULL CONSTRAINT open_attempts_keys_check CHECK (cardinality(keys) BETWEEN 1 AND 3),
    begun_at   timestamptz NOT NULL
);
CREATE INDEX open_attempts_begun ON open_attempts (begun_at);
