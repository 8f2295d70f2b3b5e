ALTER TABLE preferences DROP COLUMN has_personalization;
