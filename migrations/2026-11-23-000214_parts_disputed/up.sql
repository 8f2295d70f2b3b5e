-- What of a part's total the buyer's bank has taken back from its shop, and has not given again.
ALTER TABLE order_parts
    ADD COLUMN disputed bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT order_parts_disputed_check CHECK (disputed >= 0 AND refunded + dropped + disputed <= total) NOT VALID;
