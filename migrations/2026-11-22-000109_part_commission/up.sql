-- The market's share of what a part brings, in hundredths of a percent, as it was when the order was placed.
ALTER TABLE order_parts
    ADD COLUMN commission_rate integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT order_parts_commission_rate_check CHECK (commission_rate BETWEEN 0 AND 10000) NOT VALID;
