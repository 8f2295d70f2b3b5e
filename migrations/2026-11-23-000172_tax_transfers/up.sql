-- Tax is kept back from what shops sell, and goes back with what is given back.
ALTER TABLE transfers
    DROP CONSTRAINT transfers_cause_check,
    ADD CONSTRAINT transfers_cause_check CHECK
        (cause IN ('PAYMENT', 'REFUND', 'SALE', 'COMMISSION', 'COMMISSION_RETURNED', 'TAX', 'TAX_RETURNED')) NOT VALID;
