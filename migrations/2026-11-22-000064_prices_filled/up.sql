-- What is there already, a few thousand products in one transaction, so that nobody who changes one waits for long. What a
-- variant costs now is taken for what it has cost since it was made. What a process of the last release changes meanwhile is
-- looked at again once it is gone, which an hour is enough for.
DO $$
DECLARE
    last_id uuid := '00000000-0000-0000-0000-000000000000';
    page uuid[];
BEGIN
    LOOP
        SELECT array_agg(id ORDER BY id) INTO page
          FROM (SELECT id FROM products WHERE id > last_id ORDER BY id LIMIT 2000) AS next;
        EXIT WHEN page IS NULL;
        INSERT INTO product_prices (product_id, currency, price_min, price_max, is_active)
        SELECT id, currency, price_min, price_max, status = 'ACTIVE' FROM products WHERE id = ANY (page)
        ON CONFLICT DO NOTHING;
        WITH filled AS (
            INSERT INTO variant_prices (variant_id, currency, amount, is_for_sale)
            SELECT v.id, v.currency, v.price, p.status = 'ACTIVE'
              FROM product_variants v JOIN products p ON p.id = v.product_id WHERE v.product_id = ANY (page)
            ON CONFLICT DO NOTHING
            RETURNING variant_id, currency, amount, is_for_sale
        )
        INSERT INTO price_changes (variant_id, currency, amount, is_for_sale, created_at)
        SELECT variant_id, filled.currency, amount, is_for_sale, v.created_at
          FROM filled JOIN product_variants v ON v.id = variant_id ORDER BY v.created_at, v.id;
        last_id := page[cardinality(page)];
        COMMIT;
    END LOOP;
    INSERT INTO jobs (id, kind, payload, run_at, created_at)
    SELECT gen_random_uuid(), 'products.settle', '{"whose": "All", "after": null}', now() + interval '1 hour', now()
     WHERE EXISTS (SELECT FROM products);
END $$;
