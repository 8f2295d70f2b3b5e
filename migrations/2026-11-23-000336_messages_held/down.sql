-- There were no messages that only their authors see.
DELETE FROM message_attachments WHERE message_id IN (SELECT id FROM messages WHERE held IS NOT NULL);
DELETE FROM message_mentions WHERE message_id IN (SELECT id FROM messages WHERE held IS NOT NULL);
DELETE FROM message_reactions WHERE message_id IN (SELECT id FROM messages WHERE held IS NOT NULL);
DELETE FROM message_revisions WHERE message_id IN (SELECT id FROM messages WHERE held IS NOT NULL);
DELETE FROM messages WHERE held IS NOT NULL;
UPDATE moderation_cases SET reporter_count = 1 WHERE reporter_count = 0;
ALTER TABLE moderation_cases
    DROP CONSTRAINT moderation_cases_reporter_count_check,
    ADD CONSTRAINT moderation_cases_reporter_count_check CHECK (reporter_count > 0) NOT VALID;
ALTER TABLE message_filters DROP CONSTRAINT message_filters_action_check, DROP COLUMN action;
ALTER TABLE participants
    DROP CONSTRAINT participants_held_unread_check,
    DROP COLUMN held_at, DROP COLUMN held_unread, DROP COLUMN held_runs;
ALTER TABLE messages
    DROP CONSTRAINT messages_number_check,
    DROP CONSTRAINT messages_held_number_check,
    DROP CONSTRAINT messages_held_check,
    ADD CONSTRAINT messages_number_check CHECK (number > 0) NOT VALID,
    DROP COLUMN held_after, DROP COLUMN held_number, DROP COLUMN held;
