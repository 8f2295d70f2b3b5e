//! Orders and returns of other systems in Postgres: many at once.

use std::collections::BTreeMap;

use diesel::{
    ExpressionMethods, Insertable, JoinOnDsl, QueryDsl, Queryable, RunQueryDsl,
    dsl::sum,
    prelude::ExecuteCopyFromDsl,
    sql_query,
    sql_types::{Array, BigInt, Uuid as SqlUuid},
};
use uuid::Uuid;

use super::{NewLine, NewOrder, NewPart};
use crate::{
    kernel::{error::Failure, id::Id, money::CurrencyCode},
    orders::model::{OrderLine, OrderLineKind},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    products::model::Variant,
    schema::{order_lines, order_parts, order_return_lines, order_returns, orders},
    shops::model::Shop,
    users::model::User,
};

/// A line that an order or a return has.
#[derive(Queryable)]
pub struct KnownLine {
    /// The order or the return.
    pub document: Uuid,
    pub ordinal: i32,
    pub sku: String,
    pub quantity: i32,
    pub unit_price: i64,
}

/// Locks orders of one shop each. Yields their parts.
pub fn lock_orders(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<BTreeMap<Uuid, Uuid>, Failure> {
    orders::table
        .filter(orders::id.eq_any(ids))
        .order(orders::id)
        .select(orders::id)
        .for_update()
        .load::<Uuid>(tx.conn())?;
    let parts = order_parts::table.filter(order_parts::order_id.eq_any(ids));
    let parts: Vec<(Uuid, Uuid)> = parts.select((order_parts::order_id, order_parts::id)).load(tx.conn())?;
    Ok(parts.into_iter().collect())
}

pub fn lock_returns(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<(), Failure> {
    let rows = order_returns::table.filter(order_returns::id.eq_any(ids)).order(order_returns::id);
    rows.select(order_returns::id).for_update().load::<Uuid>(tx.conn())?;
    Ok(())
}

pub fn lines_of_orders(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<KnownLine>, Failure> {
    Ok(order_lines::table
        .inner_join(order_parts::table.on(order_parts::id.eq(order_lines::part_id)))
        .filter(order_parts::order_id.eq_any(ids))
        .select((
            order_parts::order_id,
            order_lines::ordinal,
            order_lines::sku,
            order_lines::quantity,
            order_lines::unit_price,
        ))
        .load(conn)?)
}

pub fn lines_of_returns(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<KnownLine>, Failure> {
    Ok(order_return_lines::table
        .filter(order_return_lines::return_id.eq_any(ids))
        .select((
            order_return_lines::return_id,
            order_return_lines::ordinal,
            order_return_lines::sku,
            order_return_lines::quantity,
            order_return_lines::unit_price,
        ))
        .load(conn)?)
}

pub fn insert_orders(tx: &mut Tx<'_>, orders: &[NewOrder<'_>], parts: &[NewPart]) -> Result<(), Failure> {
    diesel::copy_from(orders::table).from_insertable(orders).execute(tx.conn())?;
    diesel::copy_from(order_parts::table).from_insertable(parts).execute(tx.conn())?;
    Ok(())
}

pub fn insert_lines(tx: &mut Tx<'_>, lines: &[NewLine<'_>]) -> Result<(), Failure> {
    diesel::copy_from(order_lines::table).from_insertable(lines).execute(tx.conn())?;
    Ok(())
}

/// Raises the totals of locked orders and of their one part each.
pub fn add_to_orders(tx: &mut Tx<'_>, ids: &[Uuid], amounts: &[i64]) -> Result<(), Failure> {
    for table in [
        "UPDATE orders SET total = orders.total + added.amount, version = version + 1, \
           is_learned = (status = 'CANCELLED' OR payment_due_at IS NOT NULL) \
         FROM unnest($1, $2) AS added (id, amount) WHERE orders.id = added.id",
        "UPDATE order_parts SET total = order_parts.total + added.amount \
         FROM unnest($1, $2) AS added (id, amount) WHERE order_parts.order_id = added.id",
    ] {
        add(tx, table, ids, amounts)?;
    }
    Ok(())
}

/// Raises the totals of locked returns.
pub fn add_to_returns(tx: &mut Tx<'_>, ids: &[Uuid], amounts: &[i64]) -> Result<(), Failure> {
    let statement = "UPDATE order_returns SET total = order_returns.total + added.amount \
                     FROM unnest($1, $2) AS added (id, amount) WHERE order_returns.id = added.id";
    add(tx, statement, ids, amounts)
}

fn add(tx: &mut Tx<'_>, statement: &str, ids: &[Uuid], amounts: &[i64]) -> Result<(), Failure> {
    sql_query(statement).bind::<Array<SqlUuid>, _>(ids).bind::<Array<BigInt>, _>(amounts).execute(tx.conn())?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = order_returns, treat_none_as_default_value = false)]
pub struct NewReturn {
    pub id: Uuid,
    pub shop_id: Id<Shop>,
    pub buyer_id: Option<Id<User>>,
    pub currency: CurrencyCode,
    pub total: i64,
    pub received_at: Time,
}

#[derive(Insertable)]
#[diesel(table_name = order_return_lines, treat_none_as_default_value = false)]
pub struct NewReturnLine<'a> {
    pub id: Uuid,
    pub return_id: Uuid,
    pub ordinal: i32,
    pub line_id: Option<Id<OrderLine>>,
    pub kind: OrderLineKind,
    pub variant_id: Option<Id<Variant>>,
    pub title: &'a str,
    pub sku: &'a str,
    pub quantity: i32,
    pub unit_price: i64,
    pub total: i64,
}

pub fn insert_returns(tx: &mut Tx<'_>, returns: &[NewReturn], lines: &[NewReturnLine<'_>]) -> Result<(), Failure> {
    diesel::copy_from(order_returns::table).from_insertable(returns).execute(tx.conn())?;
    diesel::copy_from(order_return_lines::table).from_insertable(lines).execute(tx.conn())?;
    Ok(())
}

/// A line with which somebody bought goods.
#[derive(Debug, Clone, Queryable)]
pub struct Bought {
    pub line: Id<OrderLine>,
    pub buyer: Option<Id<User>>,
    pub variant: Option<Id<Variant>>,
    pub placed_at: Time,
    pub quantity: i32,
}

/// What some people bought of some variants of a shop, newest first.
pub fn bought(
    conn: &mut Conn,
    shop: Id<Shop>,
    buyers: &[Id<User>],
    variants: &[Id<Variant>],
) -> Result<Vec<Bought>, Failure> {
    Ok(order_lines::table
        .inner_join(order_parts::table.on(order_parts::id.eq(order_lines::part_id)))
        .inner_join(orders::table.on(orders::id.eq(order_parts::order_id)))
        .filter(order_lines::variant_id.eq_any(variants))
        .filter(order_parts::shop_id.eq(shop))
        .filter(orders::buyer_id.eq_any(buyers))
        .order((orders::placed_at.desc(), orders::number.desc(), order_lines::ordinal.desc()))
        .select((order_lines::id, orders::buyer_id, order_lines::variant_id, orders::placed_at, order_lines::quantity))
        .load(conn)?)
}

/// How many pieces of order lines came back; lines of which none did are left out.
pub fn returned(conn: &mut Conn, lines: &[Id<OrderLine>]) -> Result<BTreeMap<Id<OrderLine>, i64>, Failure> {
    let rows: Vec<(Option<Id<OrderLine>>, Option<i64>)> = order_return_lines::table
        .filter(order_return_lines::line_id.eq_any(lines))
        .group_by(order_return_lines::line_id)
        .select((order_return_lines::line_id, sum(order_return_lines::quantity)))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(line, sum)| Some((line?, sum?))).collect())
}
