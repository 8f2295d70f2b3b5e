-- What many people look for these days, made anew every few minutes. It names nobody, and behind each row there are five people or more.
CREATE TABLE trending_searches (
    rank    smallint PRIMARY KEY CONSTRAINT trending_searches_rank_check CHECK (rank BETWEEN 1 AND 20),
    words   text NOT NULL CONSTRAINT trending_searches_words UNIQUE,
    people  integer NOT NULL CONSTRAINT trending_searches_people_check CHECK (people >= 5)
);
