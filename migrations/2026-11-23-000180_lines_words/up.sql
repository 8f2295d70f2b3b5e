-- Orders are looked for by words of what was bought.
CREATE INDEX CONCURRENTLY order_lines_words ON order_lines 
    USING gin (to_tsvector('simple', regexp_replace(title, '[!-/:-@[-`{-~]+', ' ', 'g')));
