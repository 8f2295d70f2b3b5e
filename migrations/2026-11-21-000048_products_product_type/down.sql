DROP INDEX products_product_type;
