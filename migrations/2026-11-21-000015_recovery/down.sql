DROP TABLE email_changes;
DROP TABLE password_resets;
UPDATE sessions SET ended_reason = 'REVOKED' WHERE ended_reason = 'PASSWORD_CHANGED';
ALTER TABLE sessions DROP CONSTRAINT sessions_ended_reason_check;
ALTER TABLE sessions ADD CONSTRAINT sessions_ended_reason_check
    CHECK (ended_reason IN ('SIGNED_OUT', 'REUSED', 'REVOKED')) NOT VALID;
ALTER TABLE users DROP COLUMN locale;
