DROP TABLE recommendation_neighbors;
DROP TABLE recommendation_products;
DROP TABLE recommendation_pairs;
DROP TABLE recommendation_baskets;
