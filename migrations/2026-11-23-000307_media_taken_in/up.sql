-- Whether the market has fetched it itself: then it counts as nobody's.
ALTER TABLE media ADD COLUMN is_taken_in boolean NOT NULL DEFAULT false;
