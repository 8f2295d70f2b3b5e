ALTER TABLE products DROP COLUMN product_type_id, DROP COLUMN tags, DROP COLUMN brand;
