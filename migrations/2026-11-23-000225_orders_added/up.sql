-- What was added to an order after it was paid and is to be paid, too, and until when. It is no part of the total before that.
ALTER TABLE orders
    ADD COLUMN added bigint NOT NULL DEFAULT 0,
    ADD COLUMN added_due_at timestamptz,
    ADD CONSTRAINT orders_added_check CHECK (added >= 0 AND (added > 0) = (added_due_at IS NOT NULL)) NOT VALID;
