DROP INDEX products_rating_average;
