DROP INDEX CONCURRENTLY transfers_debit_newest;
