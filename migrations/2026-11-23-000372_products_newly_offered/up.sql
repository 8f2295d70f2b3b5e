-- What is new on the market, for saved searches.
CREATE INDEX CONCURRENTLY products_newly_offered ON products (offered_at, id) WHERE status = 'ACTIVE';
