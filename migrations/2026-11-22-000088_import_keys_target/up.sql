-- Exports ask what things are called in files. Apart, for imports go on meanwhile.
CREATE INDEX CONCURRENTLY import_keys_target ON import_keys (target_id);
