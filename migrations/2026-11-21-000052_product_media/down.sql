DROP TABLE variant_media;
DROP TABLE product_media;
