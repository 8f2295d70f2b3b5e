ALTER TABLE order_parts
    DROP COLUMN tax_withheld,
    DROP COLUMN tax_dropped,
    DROP COLUMN shipping_method,
    DROP COLUMN promotion;
