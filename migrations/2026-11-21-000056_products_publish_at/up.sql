-- Apart, for nobody must be kept from changing products meanwhile.
CREATE INDEX CONCURRENTLY products_publish_at ON products (publish_at) WHERE publish_at IS NOT NULL;
