ALTER TABLE shop_members DROP COLUMN is_accepted;
