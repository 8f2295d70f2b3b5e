-- The part of an order for which something moved on its shop's account; none of what is about no part.
ALTER TABLE transfers ADD COLUMN part_id uuid;
