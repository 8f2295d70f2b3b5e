-- Apart, for it reads the table, and nobody waits for that.
ALTER TABLE favorites VALIDATE CONSTRAINT favorites_liked_price_check;
