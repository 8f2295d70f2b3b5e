-- What the provider keeps for its work.
ALTER TABLE accounts
    DROP CONSTRAINT accounts_kind_check,
    ADD CONSTRAINT accounts_kind_check
        CHECK (kind IN ('PROVIDER', 'ORDER', 'IMPORTED', 'PASSED_ON', 'SHOP', 'FEES', 'REFUNDS', 'TAXES', 'PAYOUTS',
                        'PROVIDER_FEES')) NOT VALID;
