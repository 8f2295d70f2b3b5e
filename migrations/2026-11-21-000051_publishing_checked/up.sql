-- Apart, for it reads the table, and nobody waits for that.
ALTER TABLE products VALIDATE CONSTRAINT products_unpublish_at_check;
