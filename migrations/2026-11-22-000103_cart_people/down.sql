ALTER TABLE carts DROP CONSTRAINT carts_owner_id_fkey;
