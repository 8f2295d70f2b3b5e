-- Of what is there it is known where a product's picture came from a URL. A few thousand media in one transaction, so that nobody waits for long.
DO $$
DECLARE
    last_id uuid := '00000000-0000-0000-0000-000000000000';
    page uuid[];
BEGIN
    LOOP
        SELECT array_agg(id ORDER BY id) INTO page
          FROM (SELECT id FROM media WHERE id > last_id ORDER BY id LIMIT 5000) AS next;
        EXIT WHEN page IS NULL;
        UPDATE media SET is_taken_in = true
         WHERE id = ANY (page) AND NOT is_taken_in
           AND EXISTS (SELECT FROM product_media p WHERE p.media_id = media.id AND p.source_url IS NOT NULL);
        last_id := page[cardinality(page)];
        COMMIT;
    END LOOP;
END $$;
