-- Apart, for it reads the tables, and nobody waits for that.
ALTER TABLE order_lines VALIDATE CONSTRAINT order_lines_tax_check;
ALTER TABLE order_lines VALIDATE CONSTRAINT order_lines_dropped_check;
ALTER TABLE order_lines VALIDATE CONSTRAINT order_lines_discount_check;
ALTER TABLE order_lines VALIDATE CONSTRAINT order_lines_total_check;
ALTER TABLE orders VALIDATE CONSTRAINT orders_charged_check;
ALTER TABLE orders VALIDATE CONSTRAINT orders_tax_name_check;
ALTER TABLE orders VALIDATE CONSTRAINT orders_code_check;
ALTER TABLE order_parts VALIDATE CONSTRAINT order_parts_tax_withheld_check;
ALTER TABLE order_parts VALIDATE CONSTRAINT order_parts_tax_dropped_check;
ALTER TABLE order_parts VALIDATE CONSTRAINT order_parts_shipping_method_check;
ALTER TABLE order_parts VALIDATE CONSTRAINT order_parts_promotion_check;
ALTER TABLE accounts VALIDATE CONSTRAINT accounts_kind_check;
ALTER TABLE transfers VALIDATE CONSTRAINT transfers_cause_check;
