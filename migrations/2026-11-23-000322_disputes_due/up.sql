-- The market's staff go through disputes by when the bank waits for an answer; those that have no such time stand last.
CREATE INDEX CONCURRENTLY payment_disputes_due
    ON payment_disputes (status, coalesce(due_by, '9999-12-31 00:00:00+00'::timestamptz), id);
