-- The images of a product, in the shop's order.
CREATE TABLE product_media (
    product_id        uuid NOT NULL REFERENCES products,
    media_id          uuid NOT NULL REFERENCES media,
    ordinal           integer NOT NULL,
    alternative_text  text NOT NULL,
    PRIMARY KEY (product_id, media_id)
);
CREATE INDEX product_media_media ON product_media (media_id);
