DROP TABLE wish_lists;
