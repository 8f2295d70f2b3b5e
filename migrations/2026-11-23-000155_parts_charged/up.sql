-- How a part is sent, what was taken off it, and how much of its total is tax that the market keeps for the state.
ALTER TABLE order_parts
    ADD COLUMN tax_withheld bigint NOT NULL DEFAULT 0,
    -- What of it fell away with what was called off before it was paid.
    ADD COLUMN tax_dropped bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT order_parts_tax_dropped_check CHECK (tax_dropped BETWEEN 0 AND tax_withheld) NOT VALID,
    ADD COLUMN shipping_method text,
    ADD COLUMN promotion text,
    ADD CONSTRAINT order_parts_tax_withheld_check CHECK (tax_withheld BETWEEN 0 AND total) NOT VALID,
    ADD CONSTRAINT order_parts_shipping_method_check CHECK (length(shipping_method) BETWEEN 1 AND 80) NOT VALID,
    ADD CONSTRAINT order_parts_promotion_check CHECK (length(promotion) BETWEEN 1 AND 80) NOT VALID;
