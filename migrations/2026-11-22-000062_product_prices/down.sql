DROP TRIGGER product_prices_by_products ON products;
DROP TRIGGER product_prices_by_new_products ON products;
DROP FUNCTION product_prices_by_products;
DROP TABLE product_prices;
