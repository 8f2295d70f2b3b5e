-- Apart, so that not two tables in use are locked at once.
ALTER TABLE product_imports ADD FOREIGN KEY (user_id) REFERENCES users;
