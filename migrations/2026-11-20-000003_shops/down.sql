DROP TABLE shop_members, shops;
