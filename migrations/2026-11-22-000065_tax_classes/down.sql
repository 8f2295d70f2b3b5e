ALTER TABLE products DROP COLUMN tax_class_id;
DROP TABLE tax_classes;
