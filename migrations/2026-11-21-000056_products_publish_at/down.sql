DROP INDEX products_publish_at;
