-- What the buyer tells the shops about an order. Forgotten with where it was to go.
ALTER TABLE orders
    ADD COLUMN note text,
    ADD CONSTRAINT orders_note_check CHECK (char_length(note) BETWEEN 1 AND 500) NOT VALID;
