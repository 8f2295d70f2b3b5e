DROP INDEX products_tags;
