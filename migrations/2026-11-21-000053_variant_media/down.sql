DROP TABLE variant_media;
