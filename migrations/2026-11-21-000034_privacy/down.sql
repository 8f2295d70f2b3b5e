ALTER TABLE blocks DROP COLUMN inherited_from;
DROP TABLE former_addresses;
DROP TABLE account_deletions;
DROP TABLE data_exports;
