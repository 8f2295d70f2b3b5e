DROP TABLE recent_searches;
