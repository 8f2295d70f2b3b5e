//! What must be true of orders: of their sums, their money and their pieces.

use crate::platform::checks::{Check, Remedy};

/// The checks of this domain. What differs here was agreed, paid or sent: no other row says better what it should be.
pub const CHECKS: &[Check] = &[
    LINES, PARTS, CHARGED, TAXES, PASSED_ON, ADDED, AUTHORIZED, GRANTED, TAKEN_BACK, DISPUTED, PIECES, PACKED,
    RETURNED, INVOICED, CREDITED,
];

const LINES: Check = Check {
    what: "totals of parts are the sums of their lines",
    differing: "SELECT format('part_%s', p.id) AS thing, coalesce(l.total, 0)::text AS expected, p.total::text AS found \
      FROM order_parts p \
      LEFT JOIN (SELECT part_id, sum(total) AS total FROM order_lines GROUP BY 1) l ON l.part_id = p.id \
     WHERE p.total <> coalesce(l.total, 0)",
    remedy: Remedy::People,
};

const PARTS: Check = Check {
    what: "orders are the sums of their parts, with what fell away of them and what goes back",
    differing: "SELECT format('order_%s', o.id) AS thing, \
           format('%s less %s less %s', coalesce(p.total, 0), coalesce(p.dropped, 0), coalesce(p.refunded, 0)) AS expected, \
           format('%s less %s less %s', o.total, o.dropped, o.refunded) AS found \
      FROM orders o \
      LEFT JOIN (SELECT order_id, sum(total) AS total, sum(dropped) AS dropped, sum(refunded) AS refunded \
                   FROM order_parts GROUP BY 1) p ON p.order_id = o.id \
     WHERE o.total <> coalesce(p.total, 0) OR o.dropped <> coalesce(p.dropped, 0) OR o.refunded <> coalesce(p.refunded, 0)",
    remedy: Remedy::People,
};

const CHARGED: Check = Check {
    what: "orders are their goods, with shipping and the tax that is added, less what is taken off",
    differing: "SELECT format('order_%s', o.id) AS thing, \
           format('%s with %s for shipping, %s of tax, less %s', l.total, l.shipping, l.tax, l.discount) AS expected, \
           format('%s with %s for shipping, %s of tax, less %s', o.total, o.shipping, o.tax, o.discount) AS found \
      FROM orders o \
      JOIN (SELECT p.order_id, sum(l.unit_price * l.quantity - l.discount + CASE WHEN l.tax_is_added THEN l.tax ELSE 0 END) AS total, \
                   sum(CASE WHEN l.kind = 'CHARGE' THEN l.unit_price * l.quantity ELSE 0 END) AS shipping, \
                   sum(l.tax) AS tax, sum(l.discount) AS discount \
              FROM order_parts p JOIN order_lines l ON l.part_id = p.id GROUP BY 1) l ON l.order_id = o.id \
     WHERE o.source = 'AGORA' \
       AND (o.total <> l.total OR o.shipping <> l.shipping OR o.tax <> l.tax OR o.discount <> l.discount)",
    remedy: Remedy::People,
};

/// Of each part that was passed on, the tax that is in what was neither given back nor taken back by a bank.
const TAXES: Check = Check {
    what: "the market keeps the tax of what was sold and not given back",
    differing: "SELECT format('account TAXES %s', currency) AS thing, coalesce(w.tax, 0)::text AS expected, coalesce(a.tax, 0)::text AS found \
      FROM (SELECT o.currency, sum(div((p.tax_withheld - p.tax_dropped)::numeric * (p.total - p.dropped - p.refunded - p.disputed), p.total - p.dropped)) AS tax \
              FROM order_parts p JOIN orders o ON o.id = p.order_id \
              JOIN accounts s ON s.kind = 'PASSED_ON' AND s.owner_id = o.id AND s.currency = o.currency AND s.balance <> 0 \
             WHERE p.tax_withheld > 0 AND p.total > p.dropped GROUP BY 1) w \
      FULL JOIN (SELECT currency, sum(balance) AS tax FROM accounts WHERE kind = 'TAXES' GROUP BY 1) a USING (currency) \
     WHERE coalesce(w.tax, 0) <> coalesce(a.tax, 0)",
    remedy: Remedy::People,
};

/// Money that came in for an order is with it until all is there; then all is passed on, but for what is on its way back.
const PASSED_ON: Check = Check {
    what: "what is paid in full is passed on in full, and what is in flight beyond it goes back",
    differing: "SELECT format('order_%s', id) AS thing, \
           CASE WHEN passed_on <> 0 THEN format('%s passed on, %s in flight', price, going_back) \
                WHEN status = 'CANCELLED' THEN format('0 passed on, %s in flight', going_back) \
                ELSE format('%s passed on once it is paid', price) END AS expected, \
           format('%s passed on, %s in flight', passed_on, came_in - passed_on + given_back) AS found \
      FROM (SELECT o.id, o.status, o.total - o.dropped AS price, coalesce(a.balance, 0) AS came_in, \
                   -coalesce(p.balance, 0) AS passed_on, coalesce(r.balance, 0) AS given_back, coalesce(b.amount, 0) AS going_back \
              FROM orders o \
              LEFT JOIN accounts a ON a.kind = 'ORDER' AND a.owner_id = o.id \
              LEFT JOIN accounts p ON p.kind = 'PASSED_ON' AND p.owner_id = o.id \
              LEFT JOIN accounts r ON r.kind = 'REFUNDS' AND r.owner_id = o.id \
              LEFT JOIN (SELECT order_id, sum(amount) AS amount FROM refunds WHERE status <> 'SUCCEEDED' GROUP BY 1) b \
                ON b.order_id = o.id \
             WHERE o.source = 'AGORA') money \
     WHERE NOT CASE WHEN passed_on <> 0 THEN passed_on = price AND came_in - passed_on + given_back = going_back \
                    WHEN given_back <> 0 THEN false \
                    WHEN status = 'CANCELLED' THEN came_in = going_back \
                    ELSE came_in - going_back < price OR price = 0 END",
    remedy: Remedy::People,
};

/// Nothing is added to what is not passed on, or is over.
const ADDED: Check = Check {
    what: "what waits to be part of a paid order is what its lines come to, and what was paid for additions is what theirs do",
    differing: "SELECT format('order_%s', o.id) AS thing, \
           CASE WHEN w.is_paid AND o.status = 'OPEN' THEN w.amount ELSE 0 END::text AS expected, o.added::text AS found \
      FROM orders o \
      LEFT JOIN (SELECT p.order_id, sum(l.total - div(l.total::numeric * l.cancelled, l.quantity)) AS amount, \
                        bool_and(EXISTS (SELECT FROM accounts a WHERE a.kind = 'PASSED_ON' AND a.owner_id = p.order_id AND a.balance <> 0)) AS is_paid \
                   FROM order_added_lines l JOIN order_parts p ON p.id = l.part_id WHERE l.addition_id IS NULL GROUP BY 1) w \
        ON w.order_id = o.id \
     WHERE (o.added <> 0 OR w.amount IS NOT NULL) \
       AND o.added IS DISTINCT FROM CASE WHEN w.is_paid AND o.status = 'OPEN' THEN w.amount END \
    UNION ALL \
    SELECT format('part_%s', n.part_id), n.amount::text, coalesce(l.amount, 0)::text \
      FROM order_additions n \
      LEFT JOIN (SELECT d.addition_id, sum(l.total - div(l.total::numeric * l.dropped, l.quantity)) AS amount \
                   FROM order_added_lines d JOIN order_lines l ON l.id = d.id WHERE d.addition_id IS NOT NULL GROUP BY 1) l \
        ON l.addition_id = n.id \
     WHERE n.amount <> coalesce(l.amount, 0)",
    remedy: Remedy::People,
};

/// As long as it is not taken: what falls away makes what is owed less, and what is called off is given up.
const AUTHORIZED: Check = Check {
    what: "what is authorised for an order covers what is owed, once",
    differing: "SELECT format('order_%s', o.id) AS thing, \
           CASE o.status WHEN 'CANCELLED' THEN 'nothing' ELSE format('1 of at least %s', o.total - o.dropped - o.refunded) END AS expected, \
           format('%s of %s', i.count, i.amount) AS found \
      FROM orders o \
      JOIN (SELECT order_id, count(*) AS count, sum(amount) AS amount \
              FROM payment_intents WHERE status = 'REQUIRES_CAPTURE' GROUP BY 1) i ON i.order_id = o.id \
     WHERE o.status = 'CANCELLED' OR i.count <> 1 OR i.amount < o.total - o.dropped - o.refunded",
    remedy: Remedy::People,
};

const GRANTED: Check = Check {
    what: "what goes back of a part is the sum of its refunds",
    differing: "SELECT format('part_%s', p.id) AS thing, coalesce(r.amount, 0)::text AS expected, p.refunded::text AS found \
      FROM order_parts p \
      LEFT JOIN (SELECT part_id, sum(amount) AS amount FROM refunds GROUP BY 1) r ON r.part_id = p.id \
     WHERE p.refunded <> coalesce(r.amount, 0)",
    remedy: Remedy::People,
};

const TAKEN_BACK: Check = Check {
    what: "what goes back of an order is what the ledger took back from shops",
    differing: "SELECT format('order_%s', o.id) AS thing, coalesce(a.balance, 0)::text AS expected, o.refunded::text AS found \
      FROM orders o \
      LEFT JOIN (SELECT owner_id, sum(balance) AS balance FROM accounts WHERE kind = 'REFUNDS' GROUP BY 1) a ON a.owner_id = o.id \
     WHERE o.refunded <> coalesce(a.balance, 0)",
    remedy: Remedy::People,
};

/// A bank takes back what the shops still have of it, and the rest from the market.
const DISPUTED: Check = Check {
    what: "what banks have taken back has left once, and is counted with the payments and parts that it is of",
    differing: "WITH moved AS (SELECT t.cause_id, a.kind, a.owner_id, \
           CASE WHEN t.cause = 'DISPUTE' THEN t.amount ELSE -t.amount END AS amount \
              FROM transfers t JOIN accounts p ON p.kind = 'PROVIDER' AND p.id IN (t.credit_id, t.debit_id) \
              JOIN accounts a ON a.id IN (t.credit_id, t.debit_id) AND a.id <> p.id \
             WHERE t.cause IN ('DISPUTE', 'DISPUTE_RETURNED')) \
    SELECT format('dispute_%s', coalesce(d.id, t.cause_id)) AS thing, coalesce(d.taken, 0)::text AS expected, \
           coalesce(t.amount, 0)::text AS found \
      FROM (SELECT id, CASE WHEN money = 'TAKEN' THEN amount ELSE 0 END AS taken FROM payment_disputes) d \
      FULL JOIN (SELECT cause_id, sum(amount) AS amount FROM moved GROUP BY 1) t ON t.cause_id = d.id \
     WHERE coalesce(d.taken, 0) <> coalesce(t.amount, 0) \
    UNION ALL \
    SELECT format('part_%s', p.id), coalesce(t.amount, 0)::text, p.disputed::text \
      FROM order_parts p \
      LEFT JOIN (SELECT d.order_id, m.owner_id, sum(m.amount) AS amount \
                   FROM moved m JOIN payment_disputes d ON d.id = m.cause_id WHERE m.kind = 'SHOP' GROUP BY 1, 2) t \
        ON t.order_id = p.order_id AND t.owner_id = p.shop_id \
     WHERE p.disputed <> coalesce(t.amount, 0) \
    UNION ALL \
    SELECT format('payment_%s', i.id), least(coalesce(i.captured, i.amount) - i.refunded, coalesce(d.amount, 0))::text, i.disputed::text \
      FROM payment_intents i \
      LEFT JOIN (SELECT intent_id, sum(amount) AS amount FROM payment_disputes WHERE money = 'TAKEN' GROUP BY 1) d \
        ON d.intent_id = i.id \
     WHERE i.disputed <> least(coalesce(i.captured, i.amount) - i.refunded, coalesce(d.amount, 0))",
    remedy: Remedy::People,
};

const PIECES: Check = Check {
    what: "orders hold the pieces that were ordered, without those that were called off or went back into stock",
    differing: "SELECT format('order_%s', id) AS thing, ordered::text AS expected, held::text AS found \
      FROM (SELECT o.id, CASE WHEN o.status = 'CANCELLED' THEN 0 ELSE coalesce(l.pieces, 0) + coalesce(w.pieces, 0) END AS ordered, \
                   -coalesce(m.pieces, 0) AS held \
              FROM orders o \
              LEFT JOIN (SELECT p.order_id, sum(l.quantity - l.cancelled - coalesce(r.restocked, 0)) AS pieces \
                           FROM order_lines l JOIN order_parts p ON p.id = l.part_id \
                           LEFT JOIN (SELECT line_id, sum(restocked) AS restocked FROM return_lines GROUP BY 1) r ON r.line_id = l.id \
                          WHERE l.kind = 'GOODS' GROUP BY 1) l ON l.order_id = o.id \
              LEFT JOIN (SELECT p.order_id, sum(l.quantity - l.cancelled) AS pieces \
                           FROM order_added_lines l JOIN order_parts p ON p.id = l.part_id \
                          WHERE l.addition_id IS NULL GROUP BY 1) w ON w.order_id = o.id \
              LEFT JOIN (SELECT cause_id, sum(delta) AS pieces FROM stock_movements WHERE cause_id IS NOT NULL GROUP BY 1) m \
                ON m.cause_id = o.id \
             WHERE o.source = 'AGORA') pieces \
     WHERE ordered <> held",
    remedy: Remedy::People,
};

const PACKED: Check = Check {
    what: "pieces are packed as often as they lie in shipments",
    differing: "SELECT format('line_%s', l.id) AS thing, coalesce(s.pieces, 0)::text AS expected, l.packed::text AS found \
      FROM order_lines l \
      LEFT JOIN (SELECT s.line_id, sum(s.quantity) AS pieces \
                   FROM shipment_lines s JOIN shipments h ON h.id = s.shipment_id \
                  WHERE h.status <> 'UNPACKED' GROUP BY 1) s ON s.line_id = l.id \
     WHERE l.packed <> coalesce(s.pieces, 0)",
    remedy: Remedy::People,
};

const RETURNED: Check = Check {
    what: "pieces come back as often as they lie in returns that are under way, or have come",
    differing: "SELECT format('line_%s', l.id) AS thing, coalesce(r.pieces, 0)::text AS expected, l.returned::text AS found \
      FROM order_lines l \
      LEFT JOIN (SELECT b.line_id, sum(CASE WHEN r.status = 'RECEIVED' THEN b.received ELSE b.quantity END) AS pieces \
                   FROM return_lines b JOIN returns r ON r.id = b.return_id \
                  WHERE r.status IN ('REQUESTED', 'APPROVED', 'RECEIVED') GROUP BY 1) r ON r.line_id = l.id \
     WHERE l.returned <> coalesce(r.pieces, 0)",
    remedy: Remedy::People,
};

/// Of the parts that were placed by a process that issues documents: those before have none.
const INVOICED: Check = Check {
    what: "what was passed on has one invoice for each part, and for each addition to it, of what it cost",
    differing: "SELECT format('part_%s', id) AS thing, format('%s of %s', (price > added)::int + additions, price) AS expected, \
           format('%s of %s', count, total) AS found \
      FROM (SELECT p.id, CASE WHEN a.owner_id IS NULL THEN 0 ELSE p.total - p.dropped END AS price, \
                   coalesce(n.amount, 0) AS added, coalesce(n.count, 0) AS additions, \
                   coalesce(i.count, 0) AS count, coalesce(i.total, 0) AS total \
              FROM order_parts p \
              LEFT JOIN (SELECT DISTINCT owner_id FROM accounts WHERE kind = 'PASSED_ON' AND balance <> 0) a ON a.owner_id = p.order_id \
              LEFT JOIN (SELECT part_id, count(*) AS count, sum(total) AS total FROM shop_documents WHERE kind = 'INVOICE' GROUP BY 1) i \
                ON i.part_id = p.id \
              LEFT JOIN (SELECT part_id, count(*) AS count, sum(amount) AS amount FROM order_additions GROUP BY 1) n ON n.part_id = p.id \
             WHERE p.is_invoiced) parts \
     WHERE count <> (price > added)::int + additions OR total <> price",
    remedy: Remedy::People,
};

const CREDITED: Check = Check {
    what: "what goes back of an invoiced part has one credit note for each refund, of its amount",
    differing: "SELECT format('refund_%s', r.id) AS thing, format('1 of %s', r.amount) AS expected, \
           format('%s of %s', coalesce(c.count, 0), coalesce(c.total, 0)) AS found \
      FROM refunds r \
      JOIN order_parts p ON p.id = r.part_id AND p.is_invoiced \
      LEFT JOIN (SELECT refund_id, count(*) AS count, sum(total) AS total FROM shop_documents WHERE kind = 'CREDIT_NOTE' GROUP BY 1) c \
        ON c.refund_id = r.id \
     WHERE coalesce(c.count, 0) <> 1 OR coalesce(c.total, 0) <> r.amount",
    remedy: Remedy::People,
};
