ALTER TABLE media DROP COLUMN files_deleted_at;
ALTER TABLE uploads DROP COLUMN attempts;
