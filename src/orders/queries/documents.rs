//! Of what documents are issued, and who may see them.

use diesel::{ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl, SelectableHelper};

use super::steps::Bought;
use crate::{
    invoices::model::Document,
    kernel::{error::Failure, id::Id},
    orders::model::{Order, OrderLine, OrderPart},
    payments::model::Refund,
    platform::db::Conn,
    schema::{order_lines, order_parts, orders, refunds, shop_documents},
};

/// The parts of an order of whose money documents are issued, with their lines, but for those that cost nothing.
pub fn parts_of(conn: &mut Conn, order: Id<Order>) -> Result<Vec<(OrderPart, Vec<OrderLine>)>, Failure> {
    let rows: Vec<(OrderPart, OrderLine)> = order_parts::table
        .inner_join(order_lines::table.on(order_lines::part_id.eq(order_parts::id)))
        .filter(order_parts::order_id.eq(order))
        .filter(order_parts::is_invoiced.eq(true))
        .filter(order_parts::total.gt(order_parts::dropped))
        .order((order_parts::ordinal, order_lines::ordinal))
        .select((OrderPart::as_select(), OrderLine::as_select()))
        .load(conn)?;
    let mut parts: Vec<(OrderPart, Vec<OrderLine>)> = Vec::new();
    for (part, line) in rows {
        match parts.last_mut() {
            Some((last, lines)) if last.id == part.id => lines.push(line),
            _ => parts.push((part, vec![line])),
        }
    }
    Ok(parts)
}

/// What of the parts of an order goes back, oldest first.
pub fn refunds_of(conn: &mut Conn, order: Id<Order>) -> Result<Vec<Refund>, Failure> {
    Ok(refunds::table
        .filter(refunds::order_id.eq(order))
        .filter(refunds::part_id.is_not_null())
        .order((refunds::created_at, refunds::id))
        .select(Refund::as_select())
        .load(conn)?)
}

/// Some of the orders of whose money documents are issued, in the order of their ids.
pub fn invoiced_after(conn: &mut Conn, after: Option<Id<Order>>, limit: i64) -> Result<Vec<Id<Order>>, Failure> {
    let mut invoiced = order_parts::table
        .filter(order_parts::is_invoiced.eq(true))
        .select(order_parts::order_id)
        .distinct()
        .order(order_parts::order_id)
        .limit(limit)
        .into_boxed();
    if let Some(after) = after {
        invoiced = invoiced.filter(order_parts::order_id.gt(after));
    }
    Ok(invoiced.load(conn)?)
}

/// The documents about some parts, in the order of their numbers.
pub fn by_parts(conn: &mut Conn, ids: &[Id<OrderPart>]) -> Result<Vec<Bought<Document>>, Failure> {
    Ok(shop_documents::table
        .inner_join(order_parts::table.on(order_parts::id.eq(shop_documents::part_id)))
        .inner_join(orders::table.on(orders::id.eq(order_parts::order_id)))
        .filter(shop_documents::part_id.eq_any(ids))
        .order((shop_documents::part_id, shop_documents::number))
        .select((Document::as_select(), orders::buyer_id))
        .load(conn)?)
}

pub fn by_ids(conn: &mut Conn, ids: &[Id<Document>]) -> Result<Vec<Bought<Document>>, Failure> {
    Ok(shop_documents::table
        .inner_join(order_parts::table.on(order_parts::id.eq(shop_documents::part_id)))
        .inner_join(orders::table.on(orders::id.eq(order_parts::order_id)))
        .filter(shop_documents::id.eq_any(ids))
        .select((Document::as_select(), orders::buyer_id))
        .load(conn)?)
}
