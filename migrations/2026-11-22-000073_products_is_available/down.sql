DELETE FROM jobs WHERE kind = 'inventory.settle_availability';
ALTER TABLE products DROP COLUMN is_available;
