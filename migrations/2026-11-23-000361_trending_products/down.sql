DROP TABLE trending_products;
