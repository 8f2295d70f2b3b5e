-- Since when it can be ordered again, or at all; absent if that was before this was kept.
ALTER TABLE products ADD COLUMN available_since timestamptz;
