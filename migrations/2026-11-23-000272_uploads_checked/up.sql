-- Apart, for it reads the table, and nobody waits for that.
ALTER TABLE uploads VALIDATE CONSTRAINT uploads_content_type_check;
