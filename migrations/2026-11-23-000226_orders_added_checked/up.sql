-- Apart, for it reads the table, and nobody waits for that.
ALTER TABLE orders VALIDATE CONSTRAINT orders_added_check;
-- What is added to a part once it is paid has an invoice of its own, whose id is the addition's: so there is one of each.
DROP INDEX shop_documents_one_invoice;
