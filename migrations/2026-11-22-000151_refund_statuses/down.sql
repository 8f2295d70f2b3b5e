-- As it was called before. What failed would be begun again under another key.
UPDATE refunds SET status = 'PROCESSING' WHERE status = 'UNANSWERED';
ALTER TABLE refunds
    DROP CONSTRAINT refunds_status_check,
    ADD CONSTRAINT refunds_status_check CHECK (status IN ('PROCESSING', 'SUCCEEDED', 'FAILED')) NOT VALID;
