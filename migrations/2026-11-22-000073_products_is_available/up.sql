-- Whether one of a product's variants can be ordered. What is there is brought in line by a job; once more when no process of the last
-- release moves stock any more without saying so, which an hour is enough for.
ALTER TABLE products ADD COLUMN is_available boolean NOT NULL DEFAULT true;

INSERT INTO jobs (id, kind, payload, run_at, created_at)
SELECT gen_random_uuid(), 'inventory.settle_availability', '{"after": null}', now() + delay, now()
  FROM (VALUES (interval '1 minute'), (interval '1 hour')) AS delays (delay)
 WHERE EXISTS (SELECT FROM products);
