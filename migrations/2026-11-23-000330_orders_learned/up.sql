-- Whether what stands in an order is among what recommendations go by. What was ordered before is to be learned, too.
ALTER TABLE orders ADD COLUMN is_learned boolean NOT NULL DEFAULT false;
