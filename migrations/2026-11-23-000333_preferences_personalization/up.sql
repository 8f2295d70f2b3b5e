-- Whether it is kept what people look at, and goes into what they are shown.
ALTER TABLE preferences ADD COLUMN has_personalization boolean NOT NULL DEFAULT true;
