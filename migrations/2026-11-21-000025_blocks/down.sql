ALTER TABLE participants DROP COLUMN has_blocked;
DROP TABLE blocks;
