-- As it was called before: a provider is at work.
UPDATE payment_intents SET status = 'PROCESSING' WHERE status = 'REQUIRES_CAPTURE';
ALTER TABLE payment_intents
    DROP CONSTRAINT payment_intents_captured_check,
    DROP COLUMN is_captured_later,
    DROP COLUMN captured,
    DROP COLUMN authorized_until,
    DROP CONSTRAINT payment_intents_status_check,
    ADD CONSTRAINT payment_intents_status_check
        CHECK (status IN ('PROCESSING', 'REQUIRES_ACTION', 'SUCCEEDED', 'FAILED', 'CANCELLED')) NOT VALID;
