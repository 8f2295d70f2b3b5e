DROP TABLE product_media;
