-- What the staff do about a guest's order is about nobody who could look at it. `about_id` is the order then: the operator looks at it.
ALTER TABLE audit_entries ALTER COLUMN user_id DROP NOT NULL, ADD COLUMN about_id uuid;
