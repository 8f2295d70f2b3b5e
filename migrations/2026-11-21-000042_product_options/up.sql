-- The options of a product by name; each of its variants has a value for each of them, in the same order.
ALTER TABLE products
    ADD COLUMN option_names text[] NOT NULL DEFAULT '{}',
    ADD CONSTRAINT products_option_names_check CHECK (cardinality(option_names) <= 3) NOT VALID;
ALTER TABLE product_variants
    ADD COLUMN option_values text[] NOT NULL DEFAULT '{}',
    ADD COLUMN barcode text,
    ADD COLUMN weight_grams integer,
    ADD CONSTRAINT product_variants_option_values_check CHECK (cardinality(option_values) <= 3) NOT VALID,
    ADD CONSTRAINT product_variants_weight_grams_check CHECK (weight_grams >= 0) NOT VALID;
