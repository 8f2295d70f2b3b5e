DROP TABLE shop_follows;
