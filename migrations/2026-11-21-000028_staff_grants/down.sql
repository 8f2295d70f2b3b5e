DROP TABLE audit_entries;
DROP TABLE staff_grants;
