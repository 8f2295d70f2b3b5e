ALTER TABLE orders DROP COLUMN added, DROP COLUMN added_due_at;
