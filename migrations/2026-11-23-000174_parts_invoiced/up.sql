-- Whether documents are made of a part's money: of every part that was placed by a process that makes them.
ALTER TABLE order_parts ADD COLUMN is_invoiced boolean NOT NULL DEFAULT false;
