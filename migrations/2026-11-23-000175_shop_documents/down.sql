DROP TABLE shop_documents, shop_document_series;
DROP FUNCTION shop_documents_stay();
