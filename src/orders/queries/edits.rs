//! What editing changes about a part and its order.

use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl,
    dsl::{max, sql},
    sql_types::Bool,
};

use super::{additions, learning::LEARN_ANEW};
use crate::{
    kernel::{error::Failure, id::Id},
    orders::model::{OrderLineKind, OrderPart},
    platform::db::{Conn, Tx},
    schema::{order_lines, order_parts, orders},
};

/// What lines that are added come to.
#[derive(Debug, Clone, Copy)]
pub struct Addition<'a> {
    pub total: i64,
    /// The tax in that.
    pub tax: i64,
    /// What of it the market keeps for the state.
    pub tax_withheld: i64,
    /// How all of the order is taxed.
    pub tax_is_added: bool,
    pub tax_name: Option<&'a str>,
}

/// Counts lines that were added to a part of a locked order among what it costs, and among what the order costs.
pub fn add_to_totals(tx: &mut Tx<'_>, part: &OrderPart, added: &Addition<'_>) -> Result<(), Failure> {
    diesel::update(order_parts::table.find(part.id))
        .set((
            order_parts::total.eq(order_parts::total + added.total),
            order_parts::tax_withheld.eq(order_parts::tax_withheld + added.tax_withheld),
        ))
        .execute(tx.conn())?;
    diesel::update(orders::table.find(part.order_id))
        .set((
            orders::total.eq(orders::total + added.total),
            orders::tax.eq(orders::tax + added.tax),
            orders::tax_is_added.eq(added.tax_is_added),
            orders::tax_name.eq(added.tax_name),
            orders::is_learned.eq(sql::<Bool>(LEARN_ANEW)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// What it costs to send a part, before anything is taken off; none if nobody said.
pub fn delivery_price(conn: &mut Conn, part: Id<OrderPart>) -> Result<Option<i64>, Failure> {
    let lines = order_lines::table.filter(order_lines::part_id.eq(part));
    let charges = lines.filter(order_lines::kind.eq(OrderLineKind::Charge));
    Ok(charges.select(order_lines::unit_price).first(conn).optional()?)
}

/// The place of a part's last line, be it one that is not paid yet.
pub fn last_ordinal(conn: &mut Conn, part: Id<OrderPart>) -> Result<i32, Failure> {
    let lines = order_lines::table.filter(order_lines::part_id.eq(part));
    let last = lines.select(max(order_lines::ordinal)).first::<Option<i32>>(conn)?;
    Ok(last.max(additions::last_ordinal(conn, part)?).unwrap_or(0))
}
