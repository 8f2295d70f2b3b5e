-- What of a payment goes back: never more than it brought.
ALTER TABLE payment_intents
    ADD COLUMN refunded bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT payment_intents_refunded_check CHECK (refunded BETWEEN 0 AND amount) NOT VALID;
