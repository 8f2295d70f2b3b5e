DROP TABLE price_changes;
DROP TABLE variant_prices;
