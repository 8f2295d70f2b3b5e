-- So does the other.
DROP INDEX CONCURRENTLY transfers_debit;
