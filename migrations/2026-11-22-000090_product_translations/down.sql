DROP TABLE product_translations;
