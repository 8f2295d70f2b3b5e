-- The step of the order that a message tells of.
ALTER TABLE messages ADD COLUMN step_id uuid;
