DROP TABLE field_usage, document_usage, usage_clients, documents, documents_state;
