-- Apart, for nobody must be kept from changing products meanwhile.
CREATE INDEX CONCURRENTLY products_product_type ON products (product_type_id, id);
