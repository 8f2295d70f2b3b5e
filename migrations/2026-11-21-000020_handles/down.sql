ALTER TABLE preferences DROP COLUMN time_zone;
ALTER TABLE users DROP COLUMN handle;
DROP TABLE handles;
