DELETE FROM jobs WHERE kind = 'products.count_words';
DROP TABLE catalogue;
DROP TABLE product_words;
