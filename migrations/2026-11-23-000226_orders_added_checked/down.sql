CREATE UNIQUE INDEX shop_documents_one_invoice ON shop_documents (part_id) WHERE kind = 'INVOICE';
