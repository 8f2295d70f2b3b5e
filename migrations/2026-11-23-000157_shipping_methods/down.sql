DROP TABLE shipping_rates, shipping_methods;
