-- The images of a product, in the shop's order.
CREATE TABLE product_media (
    product_id        uuid NOT NULL REFERENCES products,
    media_id          uuid NOT NULL REFERENCES media,
    ordinal           integer NOT NULL,
    alternative_text  text NOT NULL,
    PRIMARY KEY (product_id, media_id)
);
CREATE INDEX product_media_media ON product_media (media_id);

-- A variant shows one of its product's images.
CREATE TABLE variant_media (
    variant_id  uuid PRIMARY KEY REFERENCES product_variants,
    product_id  uuid NOT NULL,
    media_id    uuid NOT NULL,
    FOREIGN KEY (product_id, media_id) REFERENCES product_media (product_id, media_id) ON DELETE CASCADE
);
CREATE INDEX variant_media_media ON variant_media (product_id, media_id);
