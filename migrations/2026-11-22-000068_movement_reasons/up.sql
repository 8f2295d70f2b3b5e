-- More reasons why a level moves. What is there has one of the former, so nothing has to be read.
ALTER TABLE stock_movements
    DROP CONSTRAINT stock_movements_reason_check,
    ADD CONSTRAINT stock_movements_reason_check
        CHECK (reason IN ('RECEIVED', 'CORRECTED', 'SOLD', 'RESTOCKED', 'RETURNED', 'MOVED')) NOT VALID;
