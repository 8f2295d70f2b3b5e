ALTER TABLE orders DROP COLUMN is_learned;
