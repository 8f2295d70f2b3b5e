ALTER TABLE transfers DROP COLUMN part_id;
