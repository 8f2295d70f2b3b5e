-- What stands for the line from which a guest had something held. Null: a person, or it was held before there was this.
ALTER TABLE stock_reservations ADD COLUMN line_key bytea;
