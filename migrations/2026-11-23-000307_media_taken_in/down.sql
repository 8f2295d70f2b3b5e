ALTER TABLE media DROP COLUMN is_taken_in;
