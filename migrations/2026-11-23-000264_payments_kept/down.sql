ALTER TABLE payment_intents
    DROP CONSTRAINT payment_intents_stored_check,
    DROP CONSTRAINT payment_intents_customer_check,
    DROP COLUMN is_method_stored,
    DROP COLUMN customer;
