-- How often each number of stars was given to products of a shop, one star first.
CREATE TABLE shop_ratings (
    shop_id  uuid PRIMARY KEY REFERENCES shops,
    counts   integer[] NOT NULL CONSTRAINT shop_ratings_counts_check CHECK (cardinality(counts) = 5 AND 0 <= ALL (counts))
);

ALTER TABLE reviews
    ADD CONSTRAINT reviews_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops,
    ADD CONSTRAINT reviews_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES product_variants;
