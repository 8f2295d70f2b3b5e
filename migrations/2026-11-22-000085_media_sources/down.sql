ALTER TABLE product_media DROP COLUMN source_url;
