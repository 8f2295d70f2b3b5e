-- The cheapest and the dearest variant of a product in each currency in which it has prices. The trigger keeps the row of the shop's own
-- currency, whatever writes the product, and says of all rows whether it is for sale; the program keeps the other rows.
CREATE TABLE product_prices (
    product_id  uuid NOT NULL REFERENCES products ON DELETE CASCADE,
    currency    text NOT NULL,
    price_min   bigint NOT NULL CONSTRAINT product_prices_price_min_check CHECK (price_min >= 0),
    price_max   bigint NOT NULL CONSTRAINT product_prices_price_max_check CHECK (price_max >= price_min),
    is_active   boolean NOT NULL,
    PRIMARY KEY (product_id, currency)
);
CREATE INDEX product_prices_price ON product_prices (currency, price_min, product_id) WHERE is_active;

CREATE FUNCTION product_prices_by_products() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO product_prices (product_id, currency, price_min, price_max, is_active)
    VALUES (NEW.id, NEW.currency, NEW.price_min, NEW.price_max, NEW.status = 'ACTIVE')
    ON CONFLICT (product_id, currency) DO UPDATE
       SET price_min = excluded.price_min, price_max = excluded.price_max, is_active = excluded.is_active;
    UPDATE product_prices SET is_active = (NEW.status = 'ACTIVE')
     WHERE product_id = NEW.id AND is_active <> (NEW.status = 'ACTIVE');
    RETURN NULL;
END $$;

CREATE TRIGGER product_prices_by_new_products AFTER INSERT ON products
    FOR EACH ROW EXECUTE FUNCTION product_prices_by_products();
CREATE TRIGGER product_prices_by_products AFTER UPDATE OF price_min, price_max, status ON products
    FOR EACH ROW WHEN ((OLD.price_min, OLD.price_max, OLD.status) IS DISTINCT FROM (NEW.price_min, NEW.price_max, NEW.status))
    EXECUTE FUNCTION product_prices_by_products();
