-- Apart, for nobody must be kept from changing products meanwhile.
CREATE INDEX CONCURRENTLY products_rating_average ON products (rating_average) WHERE status = 'ACTIVE';
