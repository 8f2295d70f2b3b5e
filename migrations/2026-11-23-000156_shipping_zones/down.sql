DROP TABLE shipping_zone_countries, shipping_zones;
