-- Apart from that of products: whoever reads both must not wait for two locks that are taken in another order.
ALTER TABLE product_variants
    ADD COLUMN option_values text[] NOT NULL DEFAULT '{}',
    ADD COLUMN barcode text,
    ADD COLUMN weight_grams integer,
    ADD CONSTRAINT product_variants_option_values_check CHECK (cardinality(option_values) <= 3) NOT VALID,
    ADD CONSTRAINT product_variants_weight_grams_check CHECK (weight_grams >= 0) NOT VALID;
