DROP TABLE catalogue;
DROP TABLE product_words;
