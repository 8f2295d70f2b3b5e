-- How often a file was sent for an upload: decoding it takes long, and is not done without end.
ALTER TABLE uploads ADD COLUMN attempts integer NOT NULL DEFAULT 0;
-- When the files of a doomed medium were first deleted.
ALTER TABLE media ADD COLUMN files_deleted_at timestamptz;
