-- When another key took its place: it signs nothing any more, and verifies until the last token that it has signed has died.
ALTER TABLE signing_keys ADD COLUMN retired_at timestamptz;
