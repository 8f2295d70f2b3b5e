-- Apart, for it reads the tables, and nobody waits for that.
ALTER TABLE products VALIDATE CONSTRAINT products_option_names_check;
ALTER TABLE product_variants VALIDATE CONSTRAINT product_variants_option_values_check;
ALTER TABLE product_variants VALIDATE CONSTRAINT product_variants_weight_grams_check;
