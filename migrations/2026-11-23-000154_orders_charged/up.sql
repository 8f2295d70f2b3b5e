-- What the lines of an order come to: its total is that of its goods, with shipping and what is added of the tax, less what is taken off.
ALTER TABLE orders
    ADD COLUMN discount bigint NOT NULL DEFAULT 0,
    ADD COLUMN shipping bigint NOT NULL DEFAULT 0,
    ADD COLUMN tax bigint NOT NULL DEFAULT 0,
    ADD COLUMN tax_is_added boolean NOT NULL DEFAULT false,
    ADD COLUMN tax_name text,
    ADD COLUMN code text,
    ADD CONSTRAINT orders_charged_check CHECK (discount >= 0 AND shipping >= 0 AND tax >= 0) NOT VALID,
    ADD CONSTRAINT orders_tax_name_check CHECK (length(tax_name) BETWEEN 1 AND 40) NOT VALID,
    ADD CONSTRAINT orders_code_check CHECK (length(code) BETWEEN 1 AND 40) NOT VALID;
