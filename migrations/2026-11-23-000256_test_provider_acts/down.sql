DROP TABLE test_provider_acts;
