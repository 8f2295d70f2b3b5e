ALTER TABLE messages DROP COLUMN is_by_support;
DROP TABLE support_calls;
