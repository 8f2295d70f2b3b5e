DROP TRIGGER products_search_by_words ON products;
DROP FUNCTION products_search_by_words;
UPDATE products SET search_words = array_to_string(tsvector_to_array(search), ' ');
DROP INDEX products_search;
ALTER TABLE products
    DROP COLUMN search,
    ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (to_tsvector('simple', search_words)) STORED,
    ALTER COLUMN search_words DROP DEFAULT;
CREATE INDEX products_search ON products USING gin (search) WHERE status = 'ACTIVE';
