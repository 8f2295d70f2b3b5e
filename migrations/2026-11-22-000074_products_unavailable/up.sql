-- Apart, for nobody must be kept from changing products meanwhile. Few of a market are sold out; the others are nearly all of it.
CREATE INDEX CONCURRENTLY products_unavailable ON products (created_at DESC, id DESC) WHERE status = 'ACTIVE' AND NOT is_available;
