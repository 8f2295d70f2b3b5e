ALTER TABLE favorites DROP COLUMN liked_price;
