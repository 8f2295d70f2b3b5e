-- Apart, for nobody must be kept from changing images meanwhile.
CREATE INDEX CONCURRENTLY product_media_source ON product_media (source_url) WHERE source_url IS NOT NULL;
