DROP TABLE wanted_images;
