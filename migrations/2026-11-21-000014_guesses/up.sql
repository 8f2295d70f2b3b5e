-- How often somebody guessed a password lately: at one account, or from one line of an address. Keyed hashes stand for both,
-- so that no row names anybody. A guess counts as wrong from its beginning, and is given back where it was right.
CREATE TABLE guesses (
    key            bytea PRIMARY KEY,
    wrong          integer NOT NULL CONSTRAINT guesses_wrong_check CHECK (wrong >= 0),
    -- From when on the next guess is looked at; null where nobody waits.
    open_at        timestamptz,
    -- From when on those are forgotten, one after the other.
    counted_at     timestamptz NOT NULL
);
CREATE INDEX guesses_counted ON guesses (counted_at);
