DROP TABLE shop_policies;
DROP TABLE shop_profiles;
