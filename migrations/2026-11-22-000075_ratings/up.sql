-- How often each number of stars was given, one star first; with what is told of that, in tenths of a star, and by what a list
-- by rating is ordered. All three change together, under the row's lock.
ALTER TABLE products
    ADD COLUMN rating_counts integer[] NOT NULL DEFAULT '{0,0,0,0,0}',
    ADD COLUMN rating_average integer NOT NULL DEFAULT 0,
    ADD COLUMN rating_rank integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT products_rating_counts_check CHECK (cardinality(rating_counts) = 5 AND 0 <= ALL (rating_counts)) NOT VALID;
