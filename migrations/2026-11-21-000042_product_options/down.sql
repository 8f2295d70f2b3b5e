ALTER TABLE product_variants DROP COLUMN weight_grams, DROP COLUMN barcode, DROP COLUMN option_values;
ALTER TABLE products DROP COLUMN option_names;
