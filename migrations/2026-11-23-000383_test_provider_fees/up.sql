-- What the test provider keeps for what it did. What it did before it kept anything, it keeps nothing for.
ALTER TABLE test_provider_acts
    ADD COLUMN fee bigint,
    ADD CONSTRAINT test_provider_acts_fee_check
        CHECK (fee >= 0 AND outcome = 'DONE' AND kind IN ('CHARGE', 'CAPTURE', 'DISPUTE') OR fee IS NULL) NOT VALID;
