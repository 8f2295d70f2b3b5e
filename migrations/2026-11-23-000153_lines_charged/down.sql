ALTER TABLE order_lines
    DROP CONSTRAINT order_lines_total_check,
    ADD CONSTRAINT order_lines_total_check CHECK (total = unit_price * quantity) NOT VALID,
    DROP COLUMN discount,
    DROP COLUMN tax,
    DROP COLUMN tax_rate,
    DROP COLUMN tax_is_added,
    DROP COLUMN dropped;
