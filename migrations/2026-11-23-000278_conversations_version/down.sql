ALTER TABLE conversations DROP COLUMN version;
