ALTER TABLE orders DROP COLUMN dropped;
