-- Whether what people write is pushed along, and stands on locked screens: off until somebody wants it.
ALTER TABLE preferences ADD COLUMN shows_text_in_pushes boolean NOT NULL DEFAULT false;
