-- The shop that a case is about: whoever works there neither sees it nor decides about it. It is named here, so that no program forgets it, and it
-- is known also when what was reported is gone.
ALTER TABLE moderation_cases
    ADD COLUMN shop_id uuid,
    ADD CONSTRAINT moderation_cases_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops NOT VALID;

CREATE FUNCTION moderation_cases_shop_of(kind text, id uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT CASE $1
        WHEN 'SHOP' THEN $2
        WHEN 'PRODUCT' THEN (SELECT p.shop_id FROM products p WHERE p.id = $2)
        WHEN 'REVIEW' THEN (SELECT r.shop_id FROM reviews r WHERE r.id = $2)
        WHEN 'MESSAGE' THEN (SELECT c.shop_id FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE m.id = $2)
    END
$$;
CREATE FUNCTION moderation_cases_name_shop() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.shop_id := moderation_cases_shop_of(NEW.target_kind, NEW.target_id);
    RETURN NEW;
END $$;
CREATE TRIGGER moderation_cases_name_shop BEFORE INSERT ON moderation_cases
    FOR EACH ROW EXECUTE FUNCTION moderation_cases_name_shop();
