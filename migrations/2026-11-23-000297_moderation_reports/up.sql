-- Why people think that the staff should look at something, and what it said just then. Texts and names are forgotten a while after the
-- decision.
CREATE TABLE moderation_reports (
    target_kind  text NOT NULL CONSTRAINT moderation_reports_target_kind_check
                 CHECK (target_kind IN ('MESSAGE', 'USER', 'PRODUCT', 'REVIEW', 'SHOP')),
    target_id    uuid NOT NULL,
    reporter_id  uuid NOT NULL REFERENCES users,
    case_id      uuid NOT NULL REFERENCES moderation_cases,
    reason       text NOT NULL CONSTRAINT moderation_reports_reason_check CHECK (char_length(reason) <= 50),
    note         text NOT NULL CONSTRAINT moderation_reports_note_check CHECK (char_length(note) <= 1000),
    texts        text[] NOT NULL CONSTRAINT moderation_reports_texts_check CHECK (cardinality(texts) <= 100),
    attachments  text[] NOT NULL CONSTRAINT moderation_reports_attachments_check CHECK (cardinality(attachments) <= 10),
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (target_kind, target_id, reporter_id)
);
CREATE INDEX moderation_reports_case ON moderation_reports (case_id, created_at, reporter_id);
CREATE INDEX moderation_reports_reporter ON moderation_reports (reporter_id, created_at DESC, target_id DESC);
