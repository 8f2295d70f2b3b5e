ALTER TABLE users DROP COLUMN settings_version;
