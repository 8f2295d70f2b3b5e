//! What moved on the accounts of shops for parts of orders.

use diesel::{
    ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl, sql_query,
    sql_types::{Array, BigInt, Timestamptz, Uuid as SqlUuid},
};
use uuid::Uuid;

use crate::{
    kernel::{error::Failure, id::Id},
    orders::model::{Moved, OnAccount, OrderPart, Search, SoldLater},
    payments::model::Dispute,
    platform::{clock::Time, db::Conn},
    schema::{order_parts, payment_disputes},
    shops::model::Shop,
};

/// A part, and the shop that it belongs to.
pub type PartOfShop = (Id<OrderPart>, Id<Shop>);

/// The shops that some parts belong to.
pub fn shops_of_parts(conn: &mut Conn, ids: &[Id<OrderPart>]) -> Result<Vec<PartOfShop>, Failure> {
    let parts = order_parts::table.filter(order_parts::id.eq_any(ids));
    Ok(parts.select((order_parts::id, order_parts::shop_id)).load(conn)?)
}

/// A dispute, and a part of the order whose payment it is about, with its shop.
pub type DisputedPart = (Id<Dispute>, Id<Shop>, Id<OrderPart>);

/// The parts that some disputes are about.
pub fn disputed_parts(conn: &mut Conn, ids: &[Id<Dispute>]) -> Result<Vec<DisputedPart>, Failure> {
    Ok(payment_disputes::table
        .inner_join(order_parts::table.on(order_parts::order_id.eq(payment_disputes::order_id)))
        .filter(payment_disputes::id.eq_any(ids))
        .select((payment_disputes::id, order_parts::shop_id, order_parts::id))
        .load(conn)?)
}

/// What came to the accounts of their shops for some parts, and for what went back of them; what left them is below zero.
pub fn moved_for(conn: &mut Conn, ids: &[Id<OrderPart>]) -> Result<Vec<Moved>, Failure> {
    let query = sql_query(
        "SELECT p.id AS part_id, NULL::uuid AS refund_id, t.cause, \
                CASE WHEN t.credit_id = a.id THEN t.amount ELSE -t.amount END AS amount, t.created_at \
           FROM order_parts p JOIN orders o ON o.id = p.order_id \
           JOIN accounts a ON a.kind = 'SHOP' AND a.owner_id = p.shop_id AND a.currency = o.currency \
           JOIN transfers t ON t.cause IN ('SALE', 'TAX', 'COMMISSION') AND t.cause_id = p.id AND a.id IN (t.credit_id, t.debit_id) \
          WHERE p.id = ANY($1) \
          UNION ALL \
         SELECT p.id, NULL::uuid, t.cause, CASE WHEN t.credit_id = a.id THEN t.amount ELSE -t.amount END, t.created_at \
           FROM order_parts p JOIN orders o ON o.id = p.order_id \
           JOIN accounts a ON a.kind = 'SHOP' AND a.owner_id = p.shop_id AND a.currency = o.currency \
           JOIN order_additions n ON n.part_id = p.id \
           JOIN transfers t ON t.cause IN ('SALE', 'TAX', 'COMMISSION') AND t.cause_id = n.id AND a.id IN (t.credit_id, t.debit_id) \
          WHERE p.id = ANY($1) \
          UNION ALL \
         SELECT p.id, r.id, t.cause, CASE WHEN t.credit_id = a.id THEN t.amount ELSE -t.amount END, t.created_at \
           FROM order_parts p JOIN orders o ON o.id = p.order_id \
           JOIN accounts a ON a.kind = 'SHOP' AND a.owner_id = p.shop_id AND a.currency = o.currency \
           JOIN refunds r ON r.part_id = p.id \
           JOIN transfers t ON t.cause IN ('REFUND', 'TAX_RETURNED', 'COMMISSION_RETURNED') AND t.cause_id = r.id \
            AND a.id IN (t.credit_id, t.debit_id) \
          WHERE p.id = ANY($1) \
          UNION ALL \
         SELECT p.id, NULL::uuid, t.cause, sum(CASE WHEN t.credit_id = a.id THEN t.amount ELSE -t.amount END)::bigint, t.created_at \
           FROM order_parts p JOIN orders o ON o.id = p.order_id \
           JOIN accounts a ON a.kind = 'SHOP' AND a.owner_id = p.shop_id AND a.currency = o.currency \
           JOIN payment_disputes d ON d.order_id = o.id \
           JOIN transfers t ON t.cause IN ('DISPUTE', 'DISPUTE_RETURNED') AND t.cause_id = d.id AND a.id IN (t.credit_id, t.debit_id) \
          WHERE p.id = ANY($1) GROUP BY p.id, d.id, t.cause, t.created_at",
    );
    Ok(query.bind::<Array<SqlUuid>, _>(ids).load(conn)?)
}

/// How the accounts stand on which some parts have brought something. What was added to a part stands where the part was sold; where that cost
/// nothing, the first that was added. Of each account it is known what came back of the payouts made since, and has not left again: there is one a
/// day at the most. What no provider was ever asked to send has not left.
pub fn on_accounts(conn: &mut Conn, ids: &[Id<OrderPart>]) -> Result<Vec<OnAccount>, Failure> {
    let query = sql_query(
        "SELECT p.id AS part_id, a.id AS account_id, t.created_at AS sold_at, t.id AS sale_id, a.balance, \
                (SELECT coalesce(greatest(max(w.net), 0) - (array_agg(w.net ORDER BY w.created_at DESC, w.id DESC))[1], 0)::bigint \
                   FROM (SELECT b.id, b.created_at, \
                                sum(CASE b.cause WHEN 'PAYOUT' THEN b.amount ELSE -b.amount END) OVER (ORDER BY b.created_at, b.id) AS net \
                           FROM payouts y JOIN transfers b ON b.cause IN ('PAYOUT', 'PAYOUT_RETURNED') AND b.cause_id = y.id \
                            AND a.id IN (b.debit_id, b.credit_id) \
                          WHERE y.shop_id = p.shop_id AND y.created_at >= t.created_at \
                            AND (y.attempt > 1 OR y.failure IS DISTINCT FROM 'WITHHELD')) w) AS returned \
           FROM order_parts p JOIN orders o ON o.id = p.order_id \
           JOIN accounts a ON a.kind = 'SHOP' AND a.owner_id = p.shop_id AND a.currency = o.currency \
          CROSS JOIN LATERAL \
                (SELECT t.id, t.created_at FROM (SELECT p.id, 0 AS place \
                                                 UNION ALL SELECT n.id, 1 FROM order_additions n WHERE n.part_id = p.id) c \
                   JOIN transfers t ON t.cause = 'SALE' AND t.cause_id = c.id AND t.credit_id = a.id \
                  ORDER BY c.place, t.created_at, t.id LIMIT 1) t \
          WHERE p.id = ANY($1)",
    );
    Ok(query.bind::<Array<SqlUuid>, _>(ids).load(conn)?)
}

/// After all that was ever sold.
fn end() -> Time {
    Time::from_timestamp(253_402_300_799, 0).unwrap_or_default()
}

/// What was sold later on the accounts of some parts, the last [`Search::CHUNK`] parts of each before where its search is; nothing of one after
/// which nothing more was. What was added to a part counts with that, and where that stands. Of each it reads a bounded number of rows, by indexes.
pub fn sold_later(conn: &mut Conn, searches: &[&Search]) -> Result<Vec<SoldLater>, Failure> {
    let before = |search: &&Search| search.before.unwrap_or_else(|| (end(), Uuid::max()));
    let parts: Vec<Id<OrderPart>> = searches.iter().map(|search| search.on.part_id).collect();
    let accounts: Vec<Uuid> = searches.iter().map(|search| search.on.account_id).collect();
    let (after, sales): (Vec<Time>, Vec<Uuid>) =
        searches.iter().map(|search| (search.on.sold_at, search.on.sale_id)).unzip();
    let (until, ends): (Vec<Time>, Vec<Uuid>) = searches.iter().map(before).unzip();
    let query = sql_query(
        "SELECT w.part_id, count(*) AS count, coalesce(sum(greatest(b.amount, 0)), 0)::bigint AS brought, \
                min(s.created_at) AS sold_at, (array_agg(s.id ORDER BY s.created_at, s.id))[1] AS sale_id \
           FROM unnest($1, $2, $3, $4, $5, $6) AS w (part_id, account_id, after_at, after_id, before_at, before_id) \
          CROSS JOIN LATERAL \
                (SELECT t.id, coalesce(n.part_id, t.cause_id) AS part_id, t.created_at \
                   FROM transfers t LEFT JOIN order_additions n ON n.id = t.cause_id \
                  WHERE t.credit_id = w.account_id AND t.cause = 'SALE' \
                    AND (t.created_at, t.id) > (w.after_at, w.after_id) AND (t.created_at, t.id) < (w.before_at, w.before_id) \
                    AND NOT EXISTS (SELECT FROM transfers e WHERE e.cause = 'SALE' AND e.cause_id = n.part_id AND e.credit_id = t.credit_id) \
                    AND NOT EXISTS (SELECT FROM order_additions m JOIN transfers e ON e.cause = 'SALE' AND e.cause_id = m.id \
                                       AND e.credit_id = t.credit_id AND (e.created_at, e.id) < (t.created_at, t.id) \
                                     WHERE m.part_id = n.part_id) \
                  ORDER BY t.created_at DESC, t.id DESC LIMIT $7) s \
          CROSS JOIN LATERAL \
                (SELECT sum(CASE WHEN t.credit_id = w.account_id THEN t.amount ELSE -t.amount END) AS amount \
                   FROM (SELECT s.part_id AS id \
                         UNION ALL SELECT n.id FROM order_additions n WHERE n.part_id = s.part_id \
                         UNION ALL SELECT r.id FROM refunds r WHERE r.part_id = s.part_id \
                         UNION ALL SELECT d.id FROM order_parts p JOIN payment_disputes d ON d.order_id = p.order_id \
                                    WHERE p.id = s.part_id) c \
                   JOIN transfers t ON t.cause_id = c.id AND w.account_id IN (t.credit_id, t.debit_id) \
                    AND t.cause IN ('SALE', 'TAX', 'COMMISSION', 'REFUND', 'TAX_RETURNED', 'COMMISSION_RETURNED', 'DISPUTE', 'DISPUTE_RETURNED')) b \
          GROUP BY w.part_id",
    );
    let query = query.bind::<Array<SqlUuid>, _>(parts).bind::<Array<SqlUuid>, _>(accounts);
    let query = query.bind::<Array<Timestamptz>, _>(after).bind::<Array<SqlUuid>, _>(sales);
    let query = query.bind::<Array<Timestamptz>, _>(until).bind::<Array<SqlUuid>, _>(ends);
    Ok(query.bind::<BigInt, _>(Search::CHUNK).load(conn)?)
}
