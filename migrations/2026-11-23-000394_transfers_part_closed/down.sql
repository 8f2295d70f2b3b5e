CREATE OR REPLACE FUNCTION transfers_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        OLD.part_id := part_of_transfer(OLD.cause, OLD.cause_id, OLD.debit_id, OLD.credit_id);
        IF NEW = OLD THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'a transfer never changes' USING ERRCODE = 'integrity_constraint_violation';
END $$;
