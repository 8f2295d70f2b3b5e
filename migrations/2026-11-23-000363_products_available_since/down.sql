ALTER TABLE products DROP COLUMN available_since;
