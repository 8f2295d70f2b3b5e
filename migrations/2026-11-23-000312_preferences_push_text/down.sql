ALTER TABLE preferences DROP COLUMN shows_text_in_pushes;
