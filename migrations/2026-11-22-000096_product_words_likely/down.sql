DROP INDEX product_words_likely;
