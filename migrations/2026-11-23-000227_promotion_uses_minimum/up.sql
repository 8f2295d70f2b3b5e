-- What the shop's goods in the order had to cost for it when it was ordered, 0 if nothing was asked for: whatever the shop asks of orders that come
-- later. Of orders from before nobody knows.
ALTER TABLE promotion_uses
    ADD COLUMN minimum_subtotal bigint,
    ADD CONSTRAINT promotion_uses_minimum_subtotal_check CHECK (minimum_subtotal >= 0) NOT VALID;
