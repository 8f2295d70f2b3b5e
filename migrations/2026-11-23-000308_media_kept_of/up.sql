-- What is kept of one person's is summed up whenever they want to send more.
CREATE INDEX CONCURRENTLY media_kept_of ON media (owner_id) INCLUDE (byte_size) WHERE state <> 'DOOMED' AND NOT is_taken_in;
