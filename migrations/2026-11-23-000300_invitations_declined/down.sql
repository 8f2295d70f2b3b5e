-- Or they would be asked still.
DELETE FROM group_invitations WHERE declined_at IS NOT NULL;
ALTER TABLE group_invitations DROP COLUMN declined_at;
