DROP INDEX CONCURRENTLY payment_disputes_due;
