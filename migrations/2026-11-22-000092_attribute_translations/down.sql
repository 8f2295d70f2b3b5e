DROP TABLE attribute_translations;
