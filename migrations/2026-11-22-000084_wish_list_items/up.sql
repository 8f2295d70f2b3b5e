-- What is on wish lists: a product, or a variant of it, once.
CREATE TABLE wish_list_items (
    id            uuid PRIMARY KEY,
    wish_list_id  uuid NOT NULL REFERENCES wish_lists,
    product_id    uuid NOT NULL REFERENCES products,
    variant_id    uuid REFERENCES product_variants,
    quantity      integer NOT NULL CONSTRAINT wish_list_items_quantity_check CHECK (quantity > 0),
    note          text NOT NULL,
    created_at    timestamptz NOT NULL,
    CONSTRAINT wish_list_items_key UNIQUE NULLS NOT DISTINCT (wish_list_id, product_id, variant_id)
);
CREATE INDEX wish_list_items_newest ON wish_list_items (wish_list_id, created_at DESC, id DESC);
CREATE INDEX wish_list_items_product ON wish_list_items (product_id);
CREATE INDEX wish_list_items_variant ON wish_list_items (variant_id);
