-- What somebody changes of a group, they change as they saw it.
ALTER TABLE conversations ADD COLUMN version integer NOT NULL DEFAULT 1;
