-- The message of the same conversation that this one answers. Messages are never deleted, so no reference needs an index for that.
ALTER TABLE messages ADD COLUMN reply_to_id uuid;
