DROP TABLE trending_searches;
