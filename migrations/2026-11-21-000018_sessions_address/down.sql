DROP INDEX sessions_address;
