DROP INDEX product_variants_options;
