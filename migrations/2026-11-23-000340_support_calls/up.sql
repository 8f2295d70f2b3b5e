-- The market's staff are called into the thread of an order by who takes part in it; whoever answers reads and writes there until they leave.
CREATE TABLE support_calls (
    id               uuid PRIMARY KEY,
    conversation_id  uuid NOT NULL REFERENCES conversations,
    called_by        uuid NOT NULL REFERENCES users,
    called_at        timestamptz NOT NULL,
    staff_id         uuid REFERENCES users,
    answered_at      timestamptz,
    closed_at        timestamptz,
    CONSTRAINT support_calls_answered_check CHECK ((staff_id IS NULL) = (answered_at IS NULL))
);
CREATE INDEX support_calls_conversation ON support_calls (conversation_id, called_at);
CREATE UNIQUE INDEX support_calls_open ON support_calls (conversation_id) WHERE closed_at IS NULL;
CREATE INDEX support_calls_waiting ON support_calls (called_at DESC, id DESC) WHERE closed_at IS NULL;
CREATE INDEX support_calls_called_by ON support_calls (called_by);
CREATE INDEX support_calls_staff ON support_calls (staff_id);

-- Whether somebody of the market's staff wrote it as such.
ALTER TABLE messages ADD COLUMN is_by_support boolean NOT NULL DEFAULT false;
