-- From when on texts may be left, and after which number: where whoever forgets old ones goes on.
ALTER TABLE conversations
    ADD COLUMN texts_from timestamptz NOT NULL DEFAULT '1970-01-01T00:00:00Z',
    ADD COLUMN texts_after bigint NOT NULL DEFAULT 0;
