-- What the members of a shop write down for each other about its part of an order. Without an author once they are erased.
CREATE TABLE order_part_notes (
    id          uuid PRIMARY KEY,
    part_id     uuid NOT NULL REFERENCES order_parts,
    author_id   uuid REFERENCES users,
    text        text NOT NULL CONSTRAINT order_part_notes_text_check CHECK (char_length(text) BETWEEN 1 AND 1000),
    created_at  timestamptz NOT NULL
);
CREATE INDEX order_part_notes_part ON order_part_notes (part_id, created_at, id);
CREATE INDEX order_part_notes_author ON order_part_notes (author_id, created_at, id);
