DROP INDEX CONCURRENTLY orders_payment_due_at;
