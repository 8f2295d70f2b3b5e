//! What moved on the accounts of shops for parts of orders.

use diesel::{
    ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl, sql_query,
    sql_types::{Array, Uuid as SqlUuid},
};

use crate::{
    kernel::{error::Failure, id::Id},
    orders::model::{Moved, OrderPart},
    payments::model::Dispute,
    platform::db::Conn,
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
