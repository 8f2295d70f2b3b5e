DROP TABLE category_translations;
