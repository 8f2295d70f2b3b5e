ALTER TABLE users DROP COLUMN avatar_id;
DROP TABLE uploads;
DROP TABLE media;
