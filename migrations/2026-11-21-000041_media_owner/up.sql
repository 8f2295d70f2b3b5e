-- The index of each day begins with the same column.
DROP INDEX media_owner;
