-- What it cost when somebody began to like it. Unlike what is noted, it stays when they are told of a lower one. Of what was liked before, what is noted counts.
ALTER TABLE favorites
    ADD COLUMN liked_price bigint,
    ADD CONSTRAINT favorites_liked_price_check CHECK (liked_price >= 0) NOT VALID;
