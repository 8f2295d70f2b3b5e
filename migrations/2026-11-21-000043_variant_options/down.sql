ALTER TABLE product_variants DROP COLUMN weight_grams, DROP COLUMN barcode, DROP COLUMN option_values;
