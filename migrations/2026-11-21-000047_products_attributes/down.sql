ALTER TABLE products DROP COLUMN product_kind_id, DROP COLUMN tags, DROP COLUMN brand;
