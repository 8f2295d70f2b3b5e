-- Apart, for it reads the table, and nobody waits for that.
ALTER TABLE products VALIDATE CONSTRAINT products_rating_counts_check;
