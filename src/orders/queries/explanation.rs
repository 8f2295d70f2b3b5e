//! What moved on the accounts of shops for parts of orders.

use diesel::{
    ExpressionMethods, JoinOnDsl, PgSortExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper, sql_query,
    sql_types::{Array, BigInt, Timestamptz, Uuid as SqlUuid},
};
use uuid::Uuid;

use crate::{
    kernel::{error::Failure, id::Id},
    orders::model::{Moved, OnAccount, Order, OrderPart, Search, SoldLater},
    payments::model::{Dispute, ProviderFee},
    platform::{clock::Time, db::Conn},
    schema::{order_parts, payment_disputes, payment_intents, provider_fees},
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

/// What providers have kept for the payments of some orders, and for the disputes of these, in the order in which that became
/// known, the payment's own first.
pub fn fees_of(conn: &mut Conn, ids: &[Id<Order>]) -> Result<Vec<(Uuid, ProviderFee)>, Failure> {
    Ok(provider_fees::table
        .inner_join(payment_intents::table.on(payment_intents::id.eq(provider_fees::intent_id)))
        .filter(payment_intents::order_id.eq_any(ids))
        .order((provider_fees::created_at, provider_fees::dispute_id.asc().nulls_first(), provider_fees::id))
        .select((payment_intents::order_id, ProviderFee::as_select()))
        .load(conn)?)
}

/// What came to the accounts of their shops for some parts, and for what went back of them; what left them is below zero.
pub fn moved_for(conn: &mut Conn, ids: &[Id<OrderPart>]) -> Result<Vec<Moved>, Failure> {
    let query = sql_query(
        "SELECT e.part_id, CASE WHEN e.cause IN ('REFUND', 'TAX_RETURNED', 'COMMISSION_RETURNED') THEN e.cause_id END AS refund_id, \
                e.cause, sum(e.amount)::bigint AS amount, e.created_at \
           FROM part_entries e WHERE e.part_id = ANY($1) GROUP BY e.part_id, e.cause, e.cause_id, e.created_at",
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
                (SELECT t.id, t.created_at FROM transfers t \
                  WHERE t.part_id = p.id AND t.cause = 'SALE' AND t.credit_id = a.id \
                  ORDER BY t.cause_id <> p.id, t.created_at, t.id LIMIT 1) t \
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
                (SELECT t.id, t.part_id, t.created_at FROM transfers t \
                  WHERE t.credit_id = w.account_id AND t.cause = 'SALE' \
                    AND (t.created_at, t.id) > (w.after_at, w.after_id) AND (t.created_at, t.id) < (w.before_at, w.before_id) \
                    AND (t.cause_id = t.part_id \
                      OR NOT EXISTS (SELECT FROM transfers e WHERE e.part_id = t.part_id AND e.cause = 'SALE' AND e.credit_id = t.credit_id \
                                        AND (e.cause_id = e.part_id OR (e.created_at, e.id) < (t.created_at, t.id)))) \
                  ORDER BY t.created_at DESC, t.id DESC LIMIT $7) s \
          CROSS JOIN LATERAL \
                (SELECT sum(e.amount) AS amount FROM part_entries e \
                  WHERE e.part_id = s.part_id AND e.account_id = w.account_id) b \
          GROUP BY w.part_id",
    );
    let query = query.bind::<Array<SqlUuid>, _>(parts).bind::<Array<SqlUuid>, _>(accounts);
    let query = query.bind::<Array<Timestamptz>, _>(after).bind::<Array<SqlUuid>, _>(sales);
    let query = query.bind::<Array<Timestamptz>, _>(until).bind::<Array<SqlUuid>, _>(ends);
    Ok(query.bind::<BigInt, _>(Search::CHUNK).load(conn)?)
}
