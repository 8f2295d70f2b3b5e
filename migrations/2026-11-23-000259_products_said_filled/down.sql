-- There is nothing to take back: the columns go with what was filled in.
SELECT 1;
