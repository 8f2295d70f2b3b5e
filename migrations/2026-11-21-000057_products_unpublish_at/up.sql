-- Apart, for nobody must be kept from changing products meanwhile.
CREATE INDEX CONCURRENTLY products_unpublish_at ON products (unpublish_at) WHERE unpublish_at IS NOT NULL;
