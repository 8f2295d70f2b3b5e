-- What people report about one thing, and what the staff decide about it. There is one open case of a thing at the most. What is said in
-- `reason`, `appeal_text` and `appeal_reason` goes when those who read it are gone.
CREATE TABLE moderation_cases (
    id                uuid PRIMARY KEY,
    target_kind       text NOT NULL CONSTRAINT moderation_cases_target_kind_check
                      CHECK (target_kind IN ('MESSAGE', 'USER', 'PRODUCT', 'REVIEW', 'SHOP')),
    target_id         uuid NOT NULL,
    -- Who wrote it, or is it; none for what is a shop's.
    person_id         uuid REFERENCES users,
    state             text NOT NULL CONSTRAINT moderation_cases_state_check
                      CHECK (state IN ('OPEN', 'DECIDED', 'APPEALED', 'CLOSED')),
    reporter_count    integer NOT NULL CONSTRAINT moderation_cases_reporter_count_check CHECK (reporter_count > 0),
    opened_at         timestamptz NOT NULL,
    -- When it last came to wait for the staff: by its first report, or by an appeal.
    waiting_since     timestamptz NOT NULL,
    action            text CONSTRAINT moderation_cases_action_check CHECK (action IN ('HIDE', 'WARN', 'SUSPEND', 'DISMISS')),
    reason            text CONSTRAINT moderation_cases_reason_check CHECK (char_length(reason) <= 500),
    decided_by        uuid REFERENCES users,
    decided_at        timestamptz,
    suspended_until   timestamptz,
    appeal_text       text CONSTRAINT moderation_cases_appeal_text_check CHECK (char_length(appeal_text) <= 2000),
    appealed_by       uuid REFERENCES users,
    appealed_at       timestamptz,
    appeal_outcome    text CONSTRAINT moderation_cases_appeal_outcome_check CHECK (appeal_outcome IN ('UPHELD', 'OVERTURNED')),
    appeal_reason     text CONSTRAINT moderation_cases_appeal_reason_check CHECK (char_length(appeal_reason) <= 500),
    answered_by       uuid REFERENCES users,
    answered_at       timestamptz,
    CONSTRAINT moderation_cases_decided_check CHECK ((state = 'OPEN') = (decided_at IS NULL)),
    CONSTRAINT moderation_cases_decision_check CHECK (num_nulls(action, reason, decided_at) IN (0, 3)),
    CONSTRAINT moderation_cases_appeal_check CHECK (num_nulls(appeal_text, appealed_at) IN (0, 2)),
    CONSTRAINT moderation_cases_answer_check CHECK (num_nulls(appeal_outcome, appeal_reason, answered_at) IN (0, 3))
);
CREATE UNIQUE INDEX moderation_cases_open ON moderation_cases (target_kind, target_id) WHERE state = 'OPEN';
CREATE INDEX moderation_cases_target ON moderation_cases (target_kind, target_id, state);
CREATE INDEX moderation_cases_state ON moderation_cases (state, waiting_since DESC, id DESC);
CREATE INDEX moderation_cases_waiting ON moderation_cases (waiting_since DESC, id DESC);
CREATE INDEX moderation_cases_person ON moderation_cases (person_id);
CREATE INDEX moderation_cases_decided_by ON moderation_cases (decided_by);
CREATE INDEX moderation_cases_appealed_by ON moderation_cases (appealed_by);
CREATE INDEX moderation_cases_answered_by ON moderation_cases (answered_by);
CREATE INDEX moderation_cases_decided ON moderation_cases (decided_at) WHERE decided_at IS NOT NULL;

-- Who reads what was decided.
CREATE TABLE moderation_notices (
    case_id  uuid NOT NULL REFERENCES moderation_cases,
    user_id  uuid NOT NULL REFERENCES users,
    PRIMARY KEY (case_id, user_id)
);
CREATE INDEX moderation_notices_user ON moderation_notices (user_id, case_id DESC);
