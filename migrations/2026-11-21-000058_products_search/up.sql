-- What a product is found by is made by the program from now on: with weights, places and stems. A process of the last release
-- writes `search_words` still, and finds by them; the trigger goes with that column, in a later release.
ALTER TABLE products
    ALTER COLUMN search DROP EXPRESSION,
    ALTER COLUMN search SET DEFAULT '',
    ALTER COLUMN search_words SET DEFAULT '';

CREATE FUNCTION products_search_by_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.search := to_tsvector('simple', NEW.search_words);
    RETURN NEW;
END $$;

CREATE TRIGGER products_search_by_words BEFORE INSERT OR UPDATE OF search_words ON products
    FOR EACH ROW WHEN (NEW.search_words <> '') EXECUTE FUNCTION products_search_by_words();

INSERT INTO jobs (id, kind, payload, run_at, created_at)
SELECT gen_random_uuid(), 'products.settle', '{"whose": "All", "after": null}', now() + delay, now()
  FROM (VALUES (interval '1 minute'), (interval '1 hour')) AS delays (delay)
 WHERE EXISTS (SELECT FROM products);
