DROP TRIGGER products_offered ON products;
DROP TRIGGER products_offered_new ON products;
DROP FUNCTION products_offered();
ALTER TABLE products DROP COLUMN offered_at;
