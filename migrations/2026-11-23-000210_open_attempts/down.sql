DROP TABLE open_attempts;
