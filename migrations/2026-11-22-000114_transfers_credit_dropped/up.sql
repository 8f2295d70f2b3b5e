-- The index by time does what this one did.
DROP INDEX CONCURRENTLY transfers_credit;
