-- The words of letters that products for sale have, for what is spelled otherwise and for suggestions. `products` says of how
-- many, to 10,000, as it was at `counted_at`; at least one that was not counted yet. `deletes` are its first seven letters
-- without up to two of them: words that are spelled almost alike have one in common.
CREATE TABLE product_words (
    word        text COLLATE "C" PRIMARY KEY,
    products    integer NOT NULL CONSTRAINT product_words_products_check CHECK (products >= 0),
    deletes     text[] NOT NULL,
    counted_at  timestamptz
);
CREATE INDEX product_words_deletes ON product_words USING gin (deletes) WITH (fastupdate = off);
CREATE INDEX product_words_reversed ON product_words (reverse(word) COLLATE "C");
CREATE INDEX product_words_counted ON product_words (counted_at NULLS FIRST);

-- What holds for the whole catalogue. `locale`: what products are written in.
CREATE TABLE catalogue (
    id      boolean PRIMARY KEY DEFAULT true CONSTRAINT catalogue_id_check CHECK (id),
    locale  text NOT NULL
);
INSERT INTO catalogue (locale) VALUES ('en');
