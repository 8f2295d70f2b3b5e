-- A variant shows one of its product's images. Apart, so that no more than one table that is in use is held at a time.
CREATE TABLE variant_media (
    variant_id  uuid PRIMARY KEY REFERENCES product_variants,
    product_id  uuid NOT NULL,
    media_id    uuid NOT NULL,
    FOREIGN KEY (product_id, media_id) REFERENCES product_media (product_id, media_id) ON DELETE CASCADE
);
CREATE INDEX variant_media_media ON variant_media (product_id, media_id);
