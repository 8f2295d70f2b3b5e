-- How many pieces of a line are in shipments, and how many its shop has called off: never more than were ordered.
ALTER TABLE order_lines
    ADD COLUMN packed integer NOT NULL DEFAULT 0,
    ADD COLUMN cancelled integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT order_lines_packed_check
        CHECK (packed >= 0 AND cancelled >= 0 AND packed + cancelled <= quantity) NOT VALID;
