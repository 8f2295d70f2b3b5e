-- Apart, so that no more than one table that is in use is held at a time.
ALTER TABLE price_changes ADD FOREIGN KEY (actor_id) REFERENCES users;
