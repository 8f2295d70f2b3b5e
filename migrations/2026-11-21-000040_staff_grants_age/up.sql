-- Leaves go when nobody can look at them any more.
CREATE INDEX CONCURRENTLY staff_grants_age ON staff_grants (expires_at);
