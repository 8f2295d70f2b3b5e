ALTER TABLE messages DROP CONSTRAINT messages_removal_check, DROP COLUMN removal;
