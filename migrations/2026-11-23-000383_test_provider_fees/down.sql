ALTER TABLE test_provider_acts DROP COLUMN fee;
