DROP INDEX products_unpublish_at;
