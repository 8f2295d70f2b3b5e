-- What the buyer's bank has promised, and is taken by a request of its own: less than the amount, if something was called off before.
ALTER TABLE payment_intents
    ADD COLUMN is_captured_later boolean NOT NULL DEFAULT false,
    -- How much was taken of what was promised. Null, and succeeded: all of it at once.
    ADD COLUMN captured bigint,
    -- Until when the promise is good; null if there was none.
    ADD COLUMN authorized_until timestamptz,
    DROP CONSTRAINT payment_intents_status_check,
    ADD CONSTRAINT payment_intents_status_check
        CHECK (status IN ('PROCESSING', 'REQUIRES_ACTION', 'REQUIRES_CAPTURE', 'SUCCEEDED', 'FAILED', 'CANCELLED')) NOT VALID,
    ADD CONSTRAINT payment_intents_captured_check CHECK (captured BETWEEN 1 AND amount AND refunded + disputed <= captured) NOT VALID;
