-- What was paid before is passed on, too; once no process of the last release takes money without doing so, which an hour is enough
-- for.
INSERT INTO jobs (id, kind, payload, run_at, created_at)
SELECT gen_random_uuid(), 'orders.pass_on_paid', '{"after": null}', now() + interval '1 hour', now()
 WHERE EXISTS (SELECT FROM payment_intents);
