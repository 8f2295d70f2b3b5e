-- When somebody did not want to come in, so that the group does not go on asking. None while they have not answered.
ALTER TABLE group_invitations ADD COLUMN declined_at timestamptz;
