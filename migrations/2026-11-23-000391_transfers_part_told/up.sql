-- By what a transfer's part is known: its cause is the part, what was added to it, a refund of it, or a dispute of its order's payment.
-- Only what moves on the account of a shop is about a part.
CREATE FUNCTION part_of_transfer(cause text, cause_id uuid, debit_id uuid, credit_id uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT CASE
               WHEN $1 IN ('SALE', 'TAX', 'COMMISSION')
               THEN coalesce((SELECT n.part_id FROM order_additions n WHERE n.id = $2), $2)
               WHEN $1 IN ('REFUND', 'TAX_RETURNED', 'COMMISSION_RETURNED')
               THEN (SELECT r.part_id FROM refunds r WHERE r.id = $2)
               WHEN $1 IN ('DISPUTE', 'DISPUTE_RETURNED')
               THEN (SELECT p.id FROM payment_disputes d JOIN order_parts p ON p.order_id = d.order_id AND p.shop_id = a.owner_id
                      WHERE d.id = $2)
           END
      FROM accounts a WHERE a.kind = 'SHOP' AND a.id IN ($3, $4)
$$;

-- Whoever writes a transfer, a process of the last release, too: its part is written with it.
CREATE FUNCTION transfers_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.part_id := part_of_transfer(NEW.cause, NEW.cause_id, NEW.debit_id, NEW.credit_id);
    RETURN NEW;
END $$;
CREATE TRIGGER transfers_part BEFORE INSERT ON transfers FOR EACH ROW EXECUTE FUNCTION transfers_part();
