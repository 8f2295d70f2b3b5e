ALTER TABLE transfers
    DROP CONSTRAINT transfers_cause_check,
    ADD CONSTRAINT transfers_cause_check CHECK
        (cause IN ('PAYMENT', 'REFUND', 'SALE', 'COMMISSION', 'COMMISSION_RETURNED', 'TAX', 'TAX_RETURNED', 'PAYOUT', 'PAYOUT_RETURNED',
                   'DISPUTE', 'DISPUTE_RETURNED'))
        NOT VALID;
