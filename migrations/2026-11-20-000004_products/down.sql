DROP TABLE product_variants, products, categories;
