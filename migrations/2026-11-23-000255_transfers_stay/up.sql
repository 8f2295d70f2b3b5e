-- What was booked stays booked: what was wrong is set right by another transfer.
CREATE FUNCTION transfers_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a transfer never changes' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER transfers_stay BEFORE UPDATE OR DELETE ON transfers
    FOR EACH ROW EXECUTE FUNCTION transfers_stay();
CREATE TRIGGER transfers_stay_all BEFORE TRUNCATE ON transfers
    FOR EACH STATEMENT EXECUTE FUNCTION transfers_stay();

-- It is of the currency of both its accounts: all that a statement writes are looked at at once.
CREATE FUNCTION transfers_of_one_currency() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM written w JOIN accounts d ON d.id = w.debit_id JOIN accounts c ON c.id = w.credit_id
                WHERE w.currency <> d.currency OR w.currency <> c.currency) THEN
        RAISE EXCEPTION 'a transfer is of the currency of its accounts' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER transfers_of_one_currency AFTER INSERT ON transfers
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION transfers_of_one_currency();
