-- What was passed on of an order's money (below zero), what the market owes a shop, and what it keeps itself.
ALTER TABLE accounts
    DROP CONSTRAINT accounts_kind_check,
    ADD CONSTRAINT accounts_kind_check
        CHECK (kind IN ('PROVIDER', 'ORDER', 'IMPORTED', 'PASSED_ON', 'SHOP', 'FEES')) NOT VALID;
