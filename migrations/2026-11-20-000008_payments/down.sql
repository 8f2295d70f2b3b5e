DROP TABLE transfers, payment_intents, accounts;
