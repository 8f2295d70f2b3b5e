-- There is nothing to take back: the tables go with what was filled in.
SELECT 1;
