ALTER TABLE reviews DROP CONSTRAINT reviews_variant_id_fkey, DROP CONSTRAINT reviews_shop_id_fkey;
DROP TABLE shop_ratings;
