-- There is nothing to take back: the column goes with what was filled in.
SELECT 1;
