DROP TABLE product_import_rejects;
DROP TABLE product_imports;
