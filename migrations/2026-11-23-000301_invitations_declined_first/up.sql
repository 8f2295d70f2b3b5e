-- What was declined is forgotten after a while, without a look at what waits for an answer.
CREATE INDEX CONCURRENTLY group_invitations_declined ON group_invitations (declined_at) WHERE declined_at IS NOT NULL;
