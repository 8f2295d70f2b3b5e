-- What is there already, a few thousand transfers in one transaction, so that nobody waits for long.
DO $$
DECLARE
    last_id uuid := '00000000-0000-0000-0000-000000000000';
    page uuid[];
BEGIN
    LOOP
        SELECT array_agg(id ORDER BY id) INTO page
          FROM (SELECT id FROM transfers WHERE id > last_id ORDER BY id LIMIT 5000) AS next;
        EXIT WHEN page IS NULL;
        UPDATE transfers SET part_id = found.part_id
          FROM (SELECT id, part_of_transfer(cause, cause_id, debit_id, credit_id) AS part_id
                  FROM transfers WHERE id = ANY (page) AND part_id IS NULL) AS found
         WHERE transfers.id = found.id AND found.part_id IS NOT NULL;
        last_id := page[cardinality(page)];
        COMMIT;
    END LOOP;
END $$;
