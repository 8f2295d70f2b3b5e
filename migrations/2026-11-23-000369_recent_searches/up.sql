-- What people have looked for lately, as their clients tell it: the same words once, as they were typed last.
CREATE TABLE recent_searches (
    user_id      uuid NOT NULL REFERENCES users,
    -- Folded, with a space between them.
    words        text NOT NULL CONSTRAINT recent_searches_words_check CHECK (length(words) BETWEEN 1 AND 200),
    query        text NOT NULL CONSTRAINT recent_searches_query_check CHECK (length(query) BETWEEN 1 AND 200),
    searched_at  timestamptz NOT NULL,
    PRIMARY KEY (user_id, words)
);
CREATE INDEX recent_searches_person ON recent_searches (user_id, searched_at, words);
CREATE INDEX recent_searches_age ON recent_searches (searched_at);
