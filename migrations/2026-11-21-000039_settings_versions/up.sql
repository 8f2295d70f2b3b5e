-- The highest version of what clients kept for a person and forgot, so that no version is given twice.
ALTER TABLE users ADD COLUMN settings_version integer NOT NULL DEFAULT 0;
