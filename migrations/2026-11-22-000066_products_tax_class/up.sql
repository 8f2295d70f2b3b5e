-- Apart, for nobody must be kept from changing products meanwhile.
CREATE INDEX CONCURRENTLY products_tax_class ON products (tax_class_id);
