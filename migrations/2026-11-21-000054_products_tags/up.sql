-- Apart, for nobody must be kept from changing products meanwhile.
CREATE INDEX CONCURRENTLY products_tags ON products USING gin (tags) WHERE status = 'ACTIVE';
