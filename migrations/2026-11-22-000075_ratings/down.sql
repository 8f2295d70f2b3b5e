ALTER TABLE products DROP COLUMN rating_rank, DROP COLUMN rating_average, DROP COLUMN rating_counts;
