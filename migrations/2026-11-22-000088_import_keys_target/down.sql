DROP INDEX import_keys_target;
