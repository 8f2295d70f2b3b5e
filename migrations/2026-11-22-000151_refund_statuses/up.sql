-- Of a refund of which the provider has said nothing for long nobody knows what became of it: it is begun again under the same key.
ALTER TABLE refunds
    DROP CONSTRAINT refunds_status_check,
    ADD CONSTRAINT refunds_status_check
        CHECK (status IN ('PROCESSING', 'SUCCEEDED', 'FAILED', 'UNANSWERED')) NOT VALID;
