DROP TABLE provider_fees;
