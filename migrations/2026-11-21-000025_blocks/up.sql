-- People whom somebody does not want to hear of.
CREATE TABLE blocks (
    blocker_id     uuid NOT NULL REFERENCES users,
    blocked_id     uuid NOT NULL REFERENCES users,
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (blocker_id, blocked_id),
    CONSTRAINT blocks_check CHECK (blocker_id <> blocked_id)
);
CREATE INDEX blocks_newest ON blocks (blocker_id, created_at DESC, blocked_id DESC);
CREATE INDEX blocks_blocked ON blocks (blocked_id);

-- Whether this person has blocked the other one of a direct conversation, and so sees nothing of it.
ALTER TABLE participants ADD COLUMN has_blocked boolean NOT NULL DEFAULT false;
