//! What moved on the accounts of shops for parts of orders.

use diesel::{
    ExpressionMethods, QueryDsl, RunQueryDsl, sql_query,
    sql_types::{Array, Uuid as SqlUuid},
};

use crate::{
    kernel::{error::Failure, id::Id},
    orders::model::{Moved, OrderPart},
    platform::db::Conn,
    schema::order_parts,
    shops::model::Shop,
};

/// A part, and the shop that it belongs to.
pub type PartOfShop = (Id<OrderPart>, Id<Shop>);

/// The shops that some parts belong to.
pub fn shops_of_parts(conn: &mut Conn, ids: &[Id<OrderPart>]) -> Result<Vec<PartOfShop>, Failure> {
    let parts = order_parts::table.filter(order_parts::id.eq_any(ids));
    Ok(parts.select((order_parts::id, order_parts::shop_id)).load(conn)?)
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
          WHERE p.id = ANY($1)",
    );
    Ok(query.bind::<Array<SqlUuid>, _>(ids).load(conn)?)
}
