-- Apart, for it reads the tables, and nobody waits for that.
ALTER TABLE messages
    VALIDATE CONSTRAINT messages_held_check,
    VALIDATE CONSTRAINT messages_held_number_check,
    VALIDATE CONSTRAINT messages_number_check;
ALTER TABLE participants VALIDATE CONSTRAINT participants_held_unread_check;
ALTER TABLE message_filters VALIDATE CONSTRAINT message_filters_action_check;
ALTER TABLE moderation_cases VALIDATE CONSTRAINT moderation_cases_reporter_count_check;
