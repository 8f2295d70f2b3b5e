ALTER TABLE products DROP COLUMN option_names;
