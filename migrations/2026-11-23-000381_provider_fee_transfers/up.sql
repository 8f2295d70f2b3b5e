-- The provider keeps something of a payment, or for a dispute, at the market's cost.
ALTER TABLE transfers
    DROP CONSTRAINT transfers_cause_check,
    ADD CONSTRAINT transfers_cause_check CHECK
        (cause IN ('PAYMENT', 'REFUND', 'SALE', 'COMMISSION', 'COMMISSION_RETURNED', 'TAX', 'TAX_RETURNED', 'PAYOUT', 'PAYOUT_RETURNED',
                   'DISPUTE', 'DISPUTE_RETURNED', 'PROVIDER_FEE'))
        NOT VALID;
