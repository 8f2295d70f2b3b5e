-- How many pieces of a line are coming back, or have come: never more than were sent.
ALTER TABLE order_lines
    ADD COLUMN returned integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT order_lines_returned_check CHECK (returned BETWEEN 0 AND packed) NOT VALID;
