-- No two variants of a product are the same.
CREATE UNIQUE INDEX CONCURRENTLY product_variants_options ON product_variants (product_id, option_values) WHERE option_values <> '{}';
