-- Of how many views somebody has told within an hour, whenever they say that these were. Without references, for who looks at things may be a
-- visitor, of whom there is no row.
CREATE TABLE view_tallies (
    viewer_id  uuid PRIMARY KEY,
    told       integer NOT NULL CONSTRAINT view_tallies_told_check CHECK (told >= 0),
    begun_at   timestamptz NOT NULL
);
CREATE INDEX view_tallies_begun ON view_tallies (begun_at);
