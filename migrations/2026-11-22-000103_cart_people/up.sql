-- Apart, so that not two tables in use are locked at once.
ALTER TABLE carts ADD FOREIGN KEY (owner_id) REFERENCES users;
