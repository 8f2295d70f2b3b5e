-- Apart, for it reads the table, and nobody waits for that.
ALTER TABLE promotion_uses VALIDATE CONSTRAINT promotion_uses_minimum_subtotal_check;
