-- Apart, for nobody must be kept from learning words meanwhile.
CREATE INDEX CONCURRENTLY product_words_likely ON product_words (left(word, 1), products DESC, word) WHERE products > 0;
