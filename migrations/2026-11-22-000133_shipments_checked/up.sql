-- Apart, for it reads the tables, and nobody waits for that.
ALTER TABLE order_lines VALIDATE CONSTRAINT order_lines_packed_check;
ALTER TABLE order_parts VALIDATE CONSTRAINT order_parts_dropped_check;
ALTER TABLE order_parts VALIDATE CONSTRAINT order_parts_fulfillment_state_check;
ALTER TABLE orders VALIDATE CONSTRAINT orders_dropped_check;
