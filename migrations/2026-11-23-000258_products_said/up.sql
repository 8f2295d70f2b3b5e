-- What facets count of a product beside its own columns, in its row: to look it up for each of ten thousand took longer than to find
-- them. `said` has what the product says by attributes, but for texts: an attribute's id, a byte that tells which value follows, and
-- the value as Postgres sends it. `other_prices` has the lowest price in each currency but its shop's: the code, and minor units. Triggers
-- keep both, whatever writes the rows that they follow from.
ALTER TABLE products
    ADD COLUMN other_prices bytea NOT NULL DEFAULT '',
    ADD COLUMN said bytea NOT NULL DEFAULT '';

CREATE FUNCTION product_said(product uuid) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT coalesce(string_agg(uuid_send(attribute_id) || CASE
               WHEN choice_id IS NOT NULL THEN '\x01'::bytea || uuid_send(choice_id)
               WHEN boolean_value IS NOT NULL THEN '\x02'::bytea || boolsend(boolean_value)
               WHEN number_value IS NOT NULL THEN '\x03'::bytea || int8send(number_value)
               WHEN date_value IS NOT NULL THEN '\x04'::bytea || date_send(date_value)
           END, '' ORDER BY attribute_id), '')
      FROM product_attributes WHERE product_id = product
$$;

CREATE FUNCTION product_other_prices(product uuid, own text) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT coalesce(string_agg(convert_to(currency, 'UTF8') || int8send(price_min), '' ORDER BY currency COLLATE "C"), '')
      FROM product_prices WHERE product_id = product AND currency <> own
$$;

-- Locked before they are looked at: what somebody else has said meanwhile is seen then. By an array, so that the products are looked
-- up by their ids however many of them Postgres takes there to be.
CREATE FUNCTION products_said_by_attributes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids uuid[] := ARRAY(SELECT product_id FROM changed);
BEGIN
    IF cardinality(ids) > 0 THEN
        PERFORM FROM products WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
        UPDATE products SET said = product_said(id) WHERE id = ANY (ids) AND said <> product_said(id);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER products_said_by_new_attributes AFTER INSERT ON product_attributes
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION products_said_by_attributes();
CREATE TRIGGER products_said_by_attributes AFTER UPDATE ON product_attributes
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION products_said_by_attributes();
CREATE TRIGGER products_said_by_former_attributes AFTER DELETE ON product_attributes
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION products_said_by_attributes();

CREATE FUNCTION products_other_prices_by_prices() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids uuid[] := ARRAY(SELECT product_id FROM changed);
BEGIN
    IF cardinality(ids) > 0 THEN
        PERFORM FROM products WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
        UPDATE products SET other_prices = product_other_prices(id, currency)
         WHERE id = ANY (ids) AND other_prices <> product_other_prices(id, currency);
    END IF;
    RETURN NULL;
END $$;

-- Not when the trigger of a product writes, which keeps the row of its own currency.
CREATE TRIGGER products_other_prices_by_new_prices AFTER INSERT ON product_prices
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT
    WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION products_other_prices_by_prices();
CREATE TRIGGER products_other_prices_by_prices AFTER UPDATE ON product_prices
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT
    WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION products_other_prices_by_prices();
CREATE TRIGGER products_other_prices_by_former_prices AFTER DELETE ON product_prices
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT
    WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION products_other_prices_by_prices();
