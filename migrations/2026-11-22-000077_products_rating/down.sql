DROP INDEX products_rating;
