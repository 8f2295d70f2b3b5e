DROP TABLE view_tallies;
