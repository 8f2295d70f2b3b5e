DELETE FROM audit_entries WHERE user_id IS NULL;
ALTER TABLE audit_entries DROP COLUMN about_id, ALTER COLUMN user_id SET NOT NULL;
