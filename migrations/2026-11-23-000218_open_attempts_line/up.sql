-- The line of an attempt to pay, which counts once its card is declined. Null: it is not known, or is among `keys`, and was counted with them.
ALTER TABLE open_attempts ADD COLUMN line_key bytea;
