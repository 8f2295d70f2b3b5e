DROP TABLE product_holds;
