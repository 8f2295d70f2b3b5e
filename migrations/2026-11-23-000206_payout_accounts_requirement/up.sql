-- What is missing before money can go there, by the provider's word. Null, and not enabled: the account did not take a payout.
ALTER TABLE payout_accounts
    ADD COLUMN requirement text,
    ADD CONSTRAINT payout_accounts_requirement_check CHECK
        (requirement IN ('ONBOARDING', 'DETAILS', 'VERIFICATION', 'REFUSED', 'ANOTHER_ACCOUNT')) NOT VALID;
