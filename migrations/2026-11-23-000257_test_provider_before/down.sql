DELETE FROM test_provider_acts;
