-- When a product was for sale for the first time; of what was so before this was noted, null. The triggers see to it, whatever writes the
-- product, also a process of the last release. The row says when it was changed, and the time of that is the program's.
ALTER TABLE products ADD COLUMN offered_at timestamptz;

CREATE FUNCTION products_offered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.offered_at := NEW.updated_at;
    RETURN NEW;
END $$;

CREATE TRIGGER products_offered_new BEFORE INSERT ON products
    FOR EACH ROW WHEN (NEW.status = 'ACTIVE' AND NEW.offered_at IS NULL) EXECUTE FUNCTION products_offered();
CREATE TRIGGER products_offered BEFORE UPDATE OF status ON products
    FOR EACH ROW WHEN (NEW.status = 'ACTIVE' AND OLD.status <> 'ACTIVE' AND NEW.offered_at IS NULL)
    EXECUTE FUNCTION products_offered();
