-- Before, only a market that had taken payments was looked at again; its first may come while processes of the last release run.
INSERT INTO jobs (id, kind, payload, run_at, created_at)
SELECT gen_random_uuid(), 'orders.pass_on_paid', '{"after": null}', now() + interval '1 hour', now()
 WHERE EXISTS (SELECT FROM users) AND NOT EXISTS (SELECT FROM jobs WHERE kind = 'orders.pass_on_paid');
