-- Apart, for it reads the table, and nobody waits for that.
ALTER TABLE orders VALIDATE CONSTRAINT orders_note_check;
