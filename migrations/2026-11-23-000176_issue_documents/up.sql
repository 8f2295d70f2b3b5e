-- What a process of the last release passes on or gives back has no document. It gets one once none of them runs any more, which an
-- hour is enough for.
INSERT INTO jobs (id, kind, payload, run_at, created_at)
SELECT gen_random_uuid(), 'orders.issue_documents', '{"after": null}', now() + interval '1 hour', now()
 WHERE EXISTS (SELECT FROM users);
