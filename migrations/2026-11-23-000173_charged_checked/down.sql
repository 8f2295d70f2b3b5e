-- A constraint that was looked at stays so.
SELECT 1;
