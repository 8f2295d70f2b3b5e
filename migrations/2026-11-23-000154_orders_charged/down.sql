ALTER TABLE orders
    DROP COLUMN discount,
    DROP COLUMN shipping,
    DROP COLUMN tax,
    DROP COLUMN tax_is_added,
    DROP COLUMN tax_name,
    DROP COLUMN code;
