-- Products that were there before are found by their variants, too, and those that a process of the last version changes meanwhile
-- by all that is said of them: once it is gone, which an hour is enough for, each is looked at again.
INSERT INTO jobs (id, kind, payload, run_at, created_at)
SELECT gen_random_uuid(), 'products.settle', '{"whose": "All", "after": null}', now() + interval '1 hour', now()
 WHERE EXISTS (SELECT FROM products);
