-- Parts of the world to which a shop sends in ways of their own.
CREATE TABLE shipping_zones (
    id                uuid PRIMARY KEY,
    shop_id           uuid NOT NULL REFERENCES shops,
    name              text NOT NULL CONSTRAINT shipping_zones_name_check CHECK (char_length(name) BETWEEN 1 AND 80),
    -- All countries that lie in no zone of the shop. Then none lies in this one.
    is_rest_of_world  boolean NOT NULL,
    version           integer NOT NULL DEFAULT 1,
    created_at        timestamptz NOT NULL,
    CONSTRAINT shipping_zones_shop_key UNIQUE (shop_id, id)
);
CREATE UNIQUE INDEX shipping_zones_rest_of_world ON shipping_zones (shop_id) WHERE is_rest_of_world;

-- Which countries lie in which zone: each in one of a shop at the most.
CREATE TABLE shipping_zone_countries (
    shop_id  uuid NOT NULL,
    country  text NOT NULL CONSTRAINT shipping_zone_countries_country_check CHECK (country ~ '^[A-Z]{2}$'),
    zone_id  uuid NOT NULL,
    PRIMARY KEY (shop_id, country),
    FOREIGN KEY (shop_id, zone_id) REFERENCES shipping_zones (shop_id, id) ON DELETE CASCADE
);
CREATE INDEX shipping_zone_countries_zone ON shipping_zone_countries (zone_id, shop_id);
