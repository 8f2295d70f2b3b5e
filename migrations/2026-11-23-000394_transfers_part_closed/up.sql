-- All of it is written: from now on a transfer never changes again.
CREATE OR REPLACE FUNCTION transfers_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a transfer never changes' USING ERRCODE = 'integrity_constraint_violation';
END $$;
