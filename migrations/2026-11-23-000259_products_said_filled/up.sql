-- What is there already, a few thousand products in one transaction, so that nobody who changes one waits for long. Locked before they
-- are looked at, so that nothing is written over that somebody says meanwhile.
DO $$
DECLARE
    last_id uuid := '00000000-0000-0000-0000-000000000000';
    page uuid[];
BEGIN
    LOOP
        SELECT array_agg(id ORDER BY id) INTO page
          FROM (SELECT id FROM products WHERE id > last_id ORDER BY id LIMIT 2000) AS next;
        EXIT WHEN page IS NULL;
        PERFORM FROM products WHERE id = ANY (page) ORDER BY id FOR NO KEY UPDATE;
        UPDATE products SET said = product_said(id), other_prices = product_other_prices(id, currency)
         WHERE id = ANY (page)
           AND (said <> product_said(id) OR other_prices <> product_other_prices(id, currency));
        last_id := page[cardinality(page)];
        COMMIT;
    END LOOP;
END $$;
