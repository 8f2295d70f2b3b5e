-- What moved on the account of a part's shop for it; what left it is below zero. Together it is what the part has brought the shop.
CREATE VIEW part_entries AS
    SELECT t.part_id, t.id, a.id AS account_id, t.cause, t.cause_id,
           CASE WHEN t.credit_id = a.id THEN t.amount ELSE -t.amount END AS amount, t.created_at
      FROM transfers t JOIN accounts a ON a.kind = 'SHOP' AND a.id IN (t.credit_id, t.debit_id)
     WHERE t.part_id IS NOT NULL;
