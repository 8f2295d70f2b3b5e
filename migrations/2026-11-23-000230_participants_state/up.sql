-- What somebody does with a conversation for themself, and how far it has come to them. Others are told `furthest_read_number` where
-- it is beyond `last_read_number`: who marks messages unread takes back nothing that was told.
ALTER TABLE participants
    ADD COLUMN is_archived boolean NOT NULL DEFAULT false,
    ADD COLUMN pinned_at timestamptz,
    ADD COLUMN muted_until timestamptz,
    ADD COLUMN furthest_read_number bigint NOT NULL DEFAULT 0,
    ADD COLUMN delivered_number bigint NOT NULL DEFAULT 0;
