-- What callers have spent of their cost buckets. Points are reckoned in the microseconds that they take to come back, so
-- one instant holds a bucket, and nothing is written while it fills up: until `full_at` (microseconds since 1970) it lacks
-- what is left of that time. A row that is full says nothing and is deleted. `lent` is what the latest settlement lent.
-- Not logged: it is written often, and after a crash of the database everybody may begin with a full bucket.
CREATE UNLOGGED TABLE cost_buckets (
    key       text PRIMARY KEY,
    full_at   bigint NOT NULL,
    fills_in  bigint NOT NULL,
    lent      bigint NOT NULL
) WITH (fillfactor = 50);
