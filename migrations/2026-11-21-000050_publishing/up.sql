-- When a product becomes ACTIVE, and ARCHIVED again, by itself.
ALTER TABLE products
    ADD COLUMN publish_at timestamptz,
    ADD COLUMN unpublish_at timestamptz,
    ADD CONSTRAINT products_unpublish_at_check CHECK (unpublish_at > publish_at) NOT VALID;

-- What products were called in URLs before.
CREATE TABLE product_slugs (
    slug        text PRIMARY KEY,
    product_id  uuid NOT NULL REFERENCES products,
    created_at  timestamptz NOT NULL
);
CREATE INDEX product_slugs_product ON product_slugs (product_id, created_at);
