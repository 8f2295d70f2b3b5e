-- The words of what a message says, and its conversation as a word of its own. Made by the program; a message without them gets them in
-- the background.
ALTER TABLE messages ADD COLUMN words tsvector;
