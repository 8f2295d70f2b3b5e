-- Apart, for it reads the table, and nobody waits for that.
ALTER TABLE order_lines VALIDATE CONSTRAINT order_lines_returned_check;
