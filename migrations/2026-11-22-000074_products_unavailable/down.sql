DROP INDEX products_unavailable;
