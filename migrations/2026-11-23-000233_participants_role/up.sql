-- What somebody may do in a group, null elsewhere and once they have left. Nothing up to `joined_number` is theirs to see.
ALTER TABLE participants
    ADD COLUMN role text,
    ADD COLUMN joined_number bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT participants_role_check CHECK (role IN ('OWNER', 'MODERATOR', 'MEMBER')) NOT VALID;
