//! What the tables have to say about themselves, whatever happened.

use diesel::PgConnection;

use crate::harness::cluster;

/// What a query counts.
pub fn count(connection: &mut PgConnection, sql: &str) -> i64 {
    cluster::count(connection, &format!("SELECT ({sql})::bigint AS count"))
}

/// Which books do not balance, and in how many rows.
pub fn unbalanced(connection: &mut PgConnection) -> Vec<String> {
    let wrong = |(what, sql): &(&str, &str)| match count(connection, sql) {
        0 => None,
        rows => Some(format!("{what}: not so in {rows} rows")),
    };
    BOOKS.iter().filter_map(wrong).collect()
}

/// Statements that count what is not as it has to be.
const BOOKS: [(&str, &str); 14] = [
    (
        "balances are the sums of transfers",
        "SELECT count(*) FROM accounts a WHERE balance <> \
         coalesce((SELECT sum(amount) FROM transfers WHERE credit_id = a.id), 0) - \
         coalesce((SELECT sum(amount) FROM transfers WHERE debit_id = a.id), 0)",
    ),
    ("balances sum to nothing", "SELECT abs(coalesce(sum(balance), 0))::bigint FROM accounts"),
    (
        "levels are the sums of movements",
        "SELECT count(*) FROM stock_levels l WHERE on_hand - backordered <> coalesce((SELECT sum(delta) FROM stock_movements m \
         WHERE m.variant_id = l.variant_id AND m.location_id = l.location_id), 0)",
    ),
    (
        "products say whether one of their variants can be ordered",
        "SELECT count(*) FROM products p WHERE is_available <> EXISTS (SELECT FROM product_variants v WHERE v.product_id = p.id AND \
         coalesce((SELECT sum(on_hand - backordered) FROM stock_levels l WHERE l.variant_id = v.id), 0) - \
         coalesce((SELECT reserved FROM stock_reserves r WHERE r.variant_id = v.id), 0) + \
         coalesce((SELECT backorder_limit FROM stock_rules r WHERE r.variant_id = v.id), 0) > 0)",
    ),
    (
        "what is reserved is the sum of reservations",
        "SELECT count(*) FROM stock_reserves r FULL JOIN (SELECT variant_id, sum(quantity) AS held FROM stock_reservations GROUP BY 1) h \
         USING (variant_id) WHERE coalesce(r.reserved, 0) <> coalesce(h.held, 0)",
    ),
    (
        "nobody is owed a piece while one lies somewhere",
        "SELECT count(*) FROM stock_levels o JOIN stock_levels l USING (variant_id) WHERE o.backordered > 0 AND l.on_hand > 0",
    ),
    (
        "totals are the sums of lines",
        "SELECT count(*) FROM orders o WHERE total <> (SELECT sum(l.total) FROM order_lines l JOIN order_parts p \
         ON p.id = l.part_id WHERE p.order_id = o.id)",
    ),
    (
        "what is paid in full is passed on in full, and no more; of what is in flight beyond it, all is to go back",
        "SELECT count(*) FROM orders o \
         LEFT JOIN accounts a ON a.kind = 'ORDER' AND a.owner_id = o.id \
         LEFT JOIN accounts p ON p.kind = 'PASSED_ON' AND p.owner_id = o.id \
         LEFT JOIN accounts r ON r.kind = 'REFUNDS' AND r.owner_id = o.id \
         LEFT JOIN LATERAL (SELECT coalesce(sum(amount) FILTER (WHERE status <> 'SUCCEEDED'), 0) AS open, \
         coalesce(sum(amount), 0) AS every FROM refunds WHERE order_id = o.id) back ON true WHERE o.source = 'AGORA' AND NOT \
         CASE WHEN coalesce(p.balance, 0) <> 0 THEN \
         p.balance = o.dropped - o.total AND coalesce(a.balance, 0) + p.balance + coalesce(r.balance, 0) = back.open \
         ELSE coalesce(r.balance, 0) = 0 AND CASE WHEN o.status = 'CANCELLED' THEN coalesce(a.balance, 0) = back.open \
         ELSE coalesce(a.balance, 0) < o.total - o.dropped OR o.total = o.dropped END END",
    ),
    (
        "what goes back is what was granted, by part, by order, by payment and by the ledger",
        "SELECT (SELECT count(*) FROM order_parts p WHERE refunded <> (SELECT coalesce(sum(amount), 0) FROM refunds WHERE part_id = p.id)) + \
         (SELECT count(*) FROM orders o WHERE (refunded, dropped) <> (SELECT sum(refunded), sum(dropped) FROM order_parts WHERE order_id = o.id)) + \
         (SELECT count(*) FROM orders o WHERE refunded <> coalesce((SELECT sum(balance) FROM accounts WHERE kind = 'REFUNDS' AND owner_id = o.id), 0)) + \
         (SELECT count(*) FROM payment_intents i WHERE refunded <> (SELECT coalesce(sum(amount), 0) FROM refunds WHERE intent_id = i.id)) + \
         (SELECT count(*) FROM refunds r WHERE (status = 'SUCCEEDED')::int <> (SELECT count(*) FROM transfers t JOIN accounts a ON a.id = t.credit_id \
         WHERE t.cause = 'REFUND' AND t.cause_id = r.id AND a.kind = 'PROVIDER'))",
    ),
    (
        "succeeded payments have one transfer each, others none",
        "SELECT count(*) FROM payment_intents i WHERE (status = 'SUCCEEDED')::int <> \
         (SELECT count(*) FROM transfers t WHERE t.cause = 'PAYMENT' AND t.cause_id = i.id)",
    ),
    (
        "cancelled orders gave back what they took, others did not",
        "SELECT count(*) FROM orders o WHERE source = 'AGORA' AND \
         (SELECT coalesce(sum(delta), 0) FROM stock_movements WHERE cause_id = o.id) <> \
         CASE WHEN status = 'CANCELLED' THEN 0 ELSE -(SELECT sum(quantity - cancelled - coalesce((SELECT sum(restocked) FROM return_lines b \
         WHERE b.line_id = l.id), 0)) FROM order_lines l JOIN order_parts p \
         ON p.id = l.part_id WHERE p.order_id = o.id) END",
    ),
    (
        "pieces are packed as often as they lie in shipments",
        "SELECT count(*) FROM order_lines l WHERE packed <> (SELECT coalesce(sum(s.quantity), 0) FROM shipment_lines s \
         JOIN shipments h ON h.id = s.shipment_id WHERE s.line_id = l.id AND h.status <> 'UNPACKED')",
    ),
    (
        "pieces come back as often as they lie in returns that are under way, or have come",
        "SELECT count(*) FROM order_lines l WHERE returned <> (SELECT coalesce(sum(CASE WHEN r.status = 'RECEIVED' THEN b.received \
         WHEN r.status IN ('REQUESTED', 'APPROVED') THEN b.quantity ELSE 0 END), 0) FROM return_lines b \
         JOIN returns r ON r.id = b.return_id WHERE b.line_id = l.id)",
    ),
    (
        "numbers in conversations are dense",
        "SELECT count(*) FROM conversations c WHERE last_number <> (SELECT count(*) FROM messages m WHERE m.conversation_id = c.id)",
    ),
];
