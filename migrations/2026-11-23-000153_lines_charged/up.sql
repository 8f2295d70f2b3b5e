-- What is taken off a line, and its tax: the total is what is paid for it.
ALTER TABLE order_lines
    ADD COLUMN discount bigint NOT NULL DEFAULT 0,
    ADD COLUMN tax bigint NOT NULL DEFAULT 0,
    ADD COLUMN tax_rate integer NOT NULL DEFAULT 0,
    ADD COLUMN tax_is_added boolean NOT NULL DEFAULT false,
    -- How many of those that were called off were so before they were paid.
    ADD COLUMN dropped integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT order_lines_dropped_check CHECK (dropped BETWEEN 0 AND cancelled) NOT VALID,
    ADD CONSTRAINT order_lines_tax_check CHECK (tax >= 0 AND tax <= total AND tax_rate BETWEEN 0 AND 10000) NOT VALID,
    ADD CONSTRAINT order_lines_discount_check CHECK (discount BETWEEN 0 AND unit_price * quantity) NOT VALID,
    DROP CONSTRAINT order_lines_total_check,
    ADD CONSTRAINT order_lines_total_check
        CHECK (total = unit_price * quantity - discount + CASE WHEN tax_is_added THEN tax ELSE 0 END) NOT VALID;
