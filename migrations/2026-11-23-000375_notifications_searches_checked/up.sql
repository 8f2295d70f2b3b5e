-- Apart, for it reads the table, and nobody waits for that.
ALTER TABLE notifications
    VALIDATE CONSTRAINT notifications_kind_check,
    VALIDATE CONSTRAINT notifications_topic_check,
    VALIDATE CONSTRAINT notifications_subject_kind_check;
