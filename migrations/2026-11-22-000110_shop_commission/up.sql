-- The market's share of what this shop sells, in hundredths of a percent; the market's usual one if there is none.
ALTER TABLE shops
    ADD COLUMN commission_rate integer,
    ADD CONSTRAINT shops_commission_rate_check CHECK (commission_rate BETWEEN 0 AND 10000) NOT VALID;
