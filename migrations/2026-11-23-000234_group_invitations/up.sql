-- Who is asked to come into a group, and by whom.
CREATE TABLE group_invitations (
    conversation_id  uuid NOT NULL REFERENCES conversations,
    user_id          uuid NOT NULL REFERENCES users,
    inviter_id       uuid NOT NULL REFERENCES users,
    created_at       timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, user_id),
    CONSTRAINT group_invitations_inviter_check CHECK (inviter_id <> user_id)
);
CREATE INDEX group_invitations_user ON group_invitations (user_id, created_at DESC, conversation_id DESC);
CREATE INDEX group_invitations_inviter ON group_invitations (inviter_id);
