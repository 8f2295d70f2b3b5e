DROP TABLE push_refusals;
