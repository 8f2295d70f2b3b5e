-- Wrong codes since the last right one. Unlike guesses they are not forgotten by time.
ALTER TABLE second_factors ADD COLUMN wrong integer NOT NULL DEFAULT 0;
