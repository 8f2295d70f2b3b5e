DROP TABLE product_slugs;
ALTER TABLE products DROP COLUMN unpublish_at, DROP COLUMN publish_at;
