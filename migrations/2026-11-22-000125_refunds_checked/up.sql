-- Apart, for it reads the tables, and nobody waits for that.
ALTER TABLE accounts VALIDATE CONSTRAINT accounts_kind_check;
ALTER TABLE transfers VALIDATE CONSTRAINT transfers_cause_check;
ALTER TABLE payment_intents VALIDATE CONSTRAINT payment_intents_refunded_check;
ALTER TABLE order_parts VALIDATE CONSTRAINT order_parts_refunded_check;
ALTER TABLE orders VALIDATE CONSTRAINT orders_refunded_check;
ALTER TABLE orders VALIDATE CONSTRAINT orders_cancellation_check;
