//! What of the totals of parts goes back to buyers, or to their banks, in Postgres.

use diesel::{
    ExpressionMethods, QueryDsl, RunQueryDsl, sql_query,
    sql_types::{Array, BigInt, Uuid as SqlUuid},
};

use crate::{
    kernel::{error::Failure, id::Id},
    orders::model::{Order, OrderPart},
    platform::db::Tx,
    schema::{order_parts, orders},
};

/// A part, and what of it goes back.
pub type Share = (Id<OrderPart>, i64);

/// Notes that more of the totals of some parts goes back, and of their order's. False if that is more than there is of one of them: then the
/// caller rolls back.
pub fn add(tx: &mut Tx<'_>, order: Id<Order>, shares: &[Share]) -> Result<bool, Failure> {
    let (parts, amounts): (Vec<Id<OrderPart>>, Vec<i64>) = shares.iter().copied().unzip();
    let sum: i64 = amounts.iter().sum();
    let moved = sql_query(
        "UPDATE order_parts SET refunded = refunded + back.amount FROM unnest($1, $2) AS back (part_id, amount) \
          WHERE order_parts.id = back.part_id AND refunded + dropped + disputed + back.amount <= total",
    )
    .bind::<Array<SqlUuid>, _>(parts)
    .bind::<Array<BigInt>, _>(amounts)
    .execute(tx.conn())?;
    if moved != shares.len() {
        return Ok(false);
    }
    diesel::update(orders::table.find(order)).set(orders::refunded.eq(orders::refunded + sum)).execute(tx.conn())?;
    Ok(true)
}

/// Notes that a bank has taken back more of a part's total from its shop, or less of it if it is below zero.
pub fn add_disputed(tx: &mut Tx<'_>, part: Id<OrderPart>, amount: i64) -> Result<(), Failure> {
    diesel::update(order_parts::table.find(part))
        .set(order_parts::disputed.eq(order_parts::disputed + amount))
        .execute(tx.conn())?;
    Ok(())
}
