DROP INDEX product_media_source;
