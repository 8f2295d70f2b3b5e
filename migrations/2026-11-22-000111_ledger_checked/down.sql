-- There is nothing to take back: a constraint that holds is a constraint that holds.
SELECT 1;
