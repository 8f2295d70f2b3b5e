ALTER TABLE stock_movements
    DROP CONSTRAINT stock_movements_reason_check,
    ADD CONSTRAINT stock_movements_reason_check CHECK (reason IN ('RECEIVED', 'CORRECTED', 'SOLD', 'RESTOCKED')) NOT VALID;
