-- Pieces that were sold and are not there: on_hand - backordered is the sum of a level's movements.
ALTER TABLE stock_levels
    ADD COLUMN backordered integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT stock_levels_backordered_check
        CHECK (backordered >= 0 AND (backordered = 0 OR on_hand = 0)) NOT VALID;

-- A process of the last release knows of no pieces that are owed, and adds to what is on hand alone. The trigger goes in a later
-- release.
CREATE FUNCTION stock_levels_pay_backordered() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    paid integer := least(NEW.on_hand, NEW.backordered);
BEGIN
    NEW.on_hand := NEW.on_hand - paid;
    NEW.backordered := NEW.backordered - paid;
    RETURN NEW;
END $$;

CREATE TRIGGER stock_levels_pay_backordered BEFORE UPDATE OF on_hand ON stock_levels
    FOR EACH ROW WHEN (NEW.on_hand > 0 AND NEW.backordered > 0) EXECUTE FUNCTION stock_levels_pay_backordered();
