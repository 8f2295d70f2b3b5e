-- Apart, for it reads the table, and nobody waits for that.
ALTER TABLE messages VALIDATE CONSTRAINT messages_removal_check;
