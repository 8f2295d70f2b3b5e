DROP INDEX products_product_kind;
