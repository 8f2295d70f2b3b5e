-- Apart, for nobody must be kept from changing products meanwhile.
CREATE INDEX CONCURRENTLY products_rating ON products (rating_rank DESC, id DESC) WHERE status = 'ACTIVE';
