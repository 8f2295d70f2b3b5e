ALTER TABLE conversations DROP COLUMN texts_from, DROP COLUMN texts_after;
