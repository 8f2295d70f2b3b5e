-- By what name the provider knows whose method pays, if it is kept, and whether it is to be kept once it has paid.
ALTER TABLE payment_intents
    ADD COLUMN customer text,
    ADD COLUMN is_method_stored boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT payment_intents_customer_check CHECK (length(customer) BETWEEN 1 AND 255) NOT VALID,
    ADD CONSTRAINT payment_intents_stored_check CHECK (customer IS NOT NULL OR NOT is_method_stored) NOT VALID;
