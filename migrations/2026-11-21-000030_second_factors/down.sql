ALTER TABLE sessions DROP COLUMN authenticated_by;
ALTER TABLE sessions DROP COLUMN authenticated_at;
DROP TABLE sign_in_challenges;
DROP TABLE second_factors;
