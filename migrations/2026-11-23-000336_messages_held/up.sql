-- A message that only its author sees: whoever would read it has blocked them, or the staff are to look at it first. It has no number: what
-- stands in `number` is below 0, for the key alone. `held_number` is its place among what its author sees, and `held_after` the last number
-- when it was sent. Who comes into a group again sees none of their own from before: those have no place.
ALTER TABLE messages
    ADD COLUMN held text,
    ADD COLUMN held_number bigint,
    ADD COLUMN held_after bigint,
    ADD CONSTRAINT messages_held_check CHECK (held IN ('BLOCKED', 'REVIEW')) NOT VALID,
    ADD CONSTRAINT messages_held_number_check
        CHECK ((held IS NULL) = (held_after IS NULL) AND (held_number IS NULL OR (held IS NOT NULL AND held_number > held_after))) NOT VALID,
    DROP CONSTRAINT messages_number_check,
    ADD CONSTRAINT messages_number_check CHECK (number <> 0 AND (number < 0) = (held IS NOT NULL)) NOT VALID;

-- Where those stand that somebody wrote: the first place of each run and how many it has, one run after the other. How many of the last of
-- them they have marked unread, and when they wrote the last one.
ALTER TABLE participants
    ADD COLUMN held_runs bigint[] NOT NULL DEFAULT '{}',
    ADD COLUMN held_unread bigint NOT NULL DEFAULT 0,
    ADD COLUMN held_at timestamptz,
    ADD CONSTRAINT participants_held_unread_check CHECK (held_unread >= 0) NOT VALID;

-- What holds what a filter looks for is refused, or the staff look at it first.
ALTER TABLE message_filters
    ADD COLUMN action text NOT NULL DEFAULT 'REFUSE',
    ADD CONSTRAINT message_filters_action_check CHECK (action IN ('REFUSE', 'REVIEW')) NOT VALID;

-- What nobody has reported may be decided, too: a message that was held.
ALTER TABLE moderation_cases
    DROP CONSTRAINT moderation_cases_reporter_count_check,
    ADD CONSTRAINT moderation_cases_reporter_count_check CHECK (reporter_count >= 0) NOT VALID;
