//! Returns in Postgres.

use std::collections::HashMap;

use diesel::{
    ExpressionMethods, Insertable, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
    dsl::sum,
    sql_types::{Array, Int4, Timestamptz, Uuid as SqlUuid},
};

use super::{Position, steps::Bought};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    newest_first,
    orders::model::{
        Arrival, FullReturn, Order, OrderLine, OrderPart, Pieces, Return, ReturnLine, ReturnReason, ReturnStatus,
        ShipmentStatus,
    },
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{order_lines, order_parts, orders, return_lines, returns, shipment_lines, shipments},
    shops::model::Shop,
    users::model::User,
};

#[derive(Insertable)]
#[diesel(table_name = returns)]
pub struct NewReturn {
    pub id: Id<Return>,
    pub part_id: Id<OrderPart>,
    pub shop_id: Id<Shop>,
    pub status: ReturnStatus,
    pub reason: ReturnReason,
    pub created_at: Time,
}

/// Notes that pieces of lines whose order is locked are to come back.
pub fn insert(tx: &mut Tx<'_>, row: &NewReturn, pieces: &[Pieces]) -> Result<(), Failure> {
    diesel::insert_into(returns::table).values(row).execute(tx.conn())?;
    let rows: Vec<_> = pieces
        .iter()
        .map(|pieces| {
            (
                return_lines::return_id.eq(row.id),
                return_lines::line_id.eq(pieces.line),
                return_lines::quantity.eq(pieces.quantity),
            )
        })
        .collect();
    diesel::insert_into(return_lines::table).values(rows).execute(tx.conn())?;
    Ok(())
}

/// What of a part has arrived, and when.
pub fn arrivals(conn: &mut Conn, part: Id<OrderPart>) -> Result<Vec<Arrival>, Failure> {
    Ok(shipment_lines::table
        .inner_join(shipments::table.on(shipments::id.eq(shipment_lines::shipment_id)))
        .filter(shipments::part_id.eq(part))
        .filter(shipments::status.eq(ShipmentStatus::Delivered))
        .select((shipment_lines::line_id, shipment_lines::quantity, shipments::delivered_at))
        .load(conn)?)
}

/// How many returns a part has.
pub fn count_of_part(conn: &mut Conn, part: Id<OrderPart>) -> Result<i64, Failure> {
    Ok(returns::table.filter(returns::part_id.eq(part)).count().get_result(conn)?)
}

/// How many pieces of a part have come back.
pub fn received_of(conn: &mut Conn, part: Id<OrderPart>) -> Result<i64, Failure> {
    let received: Option<i64> = return_lines::table
        .inner_join(returns::table.on(returns::id.eq(return_lines::return_id)))
        .filter(returns::part_id.eq(part))
        .select(diesel::dsl::sum(return_lines::received))
        .first(conn)?;
    Ok(received.unwrap_or(0))
}

pub fn find(conn: &mut Conn, id: Id<Return>) -> Result<Option<Return>, Failure> {
    Ok(returns::table.find(id).select(Return::as_select()).first(conn).optional()?)
}

/// What a return consists of.
pub fn lines_of(conn: &mut Conn, id: Id<Return>) -> Result<Vec<ReturnLine>, Failure> {
    Ok(return_lines::table.filter(return_lines::return_id.eq(id)).select(ReturnLine::as_select()).load(conn)?)
}

/// How many pieces of lines have come back by other returns of the same part.
pub fn received_before(conn: &mut Conn, found: &Return) -> Result<HashMap<Id<OrderLine>, i64>, Failure> {
    let received: Vec<(Id<OrderLine>, Option<i64>)> = return_lines::table
        .inner_join(returns::table.on(returns::id.eq(return_lines::return_id)))
        .filter(returns::part_id.eq(found.part_id))
        .filter(returns::id.ne(found.id))
        .filter(returns::status.eq(ReturnStatus::Received))
        .group_by(return_lines::line_id)
        .select((return_lines::line_id, sum(return_lines::received)))
        .load(conn)?;
    Ok(received.into_iter().map(|(line, pieces)| (line, pieces.unwrap_or(0))).collect())
}

/// Moves a return on whose order is locked.
pub fn set_status(tx: &mut Tx<'_>, id: Id<Return>, status: ReturnStatus) -> Result<(), Failure> {
    diesel::update(returns::table.find(id)).set(returns::status.eq(status)).execute(tx.conn())?;
    Ok(())
}

/// Notes what goes back for a return.
pub fn set_refunded(tx: &mut Tx<'_>, id: Id<Return>, amount: i64) -> Result<(), Failure> {
    diesel::update(returns::table.find(id)).set(returns::refunded.eq(amount)).execute(tx.conn())?;
    Ok(())
}

/// Notes how many pieces of lines came, and how many of these went back into stock.
pub fn set_received(tx: &mut Tx<'_>, id: Id<Return>, came: &[(Pieces, i32)]) -> Result<(), Failure> {
    let (lines, (received, restocked)): (Vec<uuid::Uuid>, (Vec<i32>, Vec<i32>)) =
        came.iter().map(|(pieces, restocked)| (pieces.line.uuid(), (pieces.quantity, *restocked))).unzip();
    diesel::sql_query(
        "UPDATE return_lines SET received = came.received, restocked = came.restocked \
         FROM unnest($2, $3, $4) AS came (line_id, received, restocked) \
         WHERE return_id = $1 AND return_lines.line_id = came.line_id",
    )
    .bind::<SqlUuid, _>(id.uuid())
    .bind::<Array<SqlUuid>, _>(lines)
    .bind::<Array<Int4>, _>(received)
    .bind::<Array<Int4>, _>(restocked)
    .execute(tx.conn())?;
    Ok(())
}

/// A return's row, its order, and the order's buyer.
type Row = (Return, Id<Order>, Option<Id<User>>);

fn with_lines(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<Bought<FullReturn>>, Failure> {
    let ids: Vec<Id<Return>> = rows.iter().map(|(row, ..)| row.id).collect();
    let lines: Vec<ReturnLine> = return_lines::table
        .inner_join(order_lines::table.on(order_lines::id.eq(return_lines::line_id)))
        .filter(return_lines::return_id.eq_any(ids))
        .order(order_lines::ordinal)
        .select(ReturnLine::as_select())
        .load(conn)?;
    let full = |(row, order, buyer): Row| {
        let own = lines.iter().filter(|line| line.return_id == row.id).cloned().collect();
        (FullReturn { row, order, lines: own }, buyer)
    };
    Ok(rows.into_iter().map(full).collect())
}

macro_rules! returns_with_orders {
    () => {
        returns::table
            .inner_join(order_parts::table.on(order_parts::id.eq(returns::part_id)))
            .inner_join(orders::table.on(orders::id.eq(order_parts::order_id)))
    };
}

/// The returns of some parts, oldest first.
pub fn by_parts(conn: &mut Conn, ids: &[Id<OrderPart>]) -> Result<Vec<Bought<FullReturn>>, Failure> {
    let rows = returns_with_orders!()
        .filter(returns::part_id.eq_any(ids))
        .order((returns::part_id, returns::created_at, returns::id))
        .select((Return::as_select(), orders::id, orders::buyer_id))
        .load(conn)?;
    with_lines(conn, rows)
}

pub fn by_ids(conn: &mut Conn, ids: &[Id<Return>]) -> Result<Vec<Bought<FullReturn>>, Failure> {
    let rows = returns_with_orders!()
        .filter(returns::id.eq_any(ids))
        .select((Return::as_select(), orders::id, orders::buyer_id))
        .load(conn)?;
    with_lines(conn, rows)
}

/// A page of a shop's returns, newest first; only those that have come so far, if that is said.
pub fn by_shop(
    conn: &mut Conn,
    shop: Id<Shop>,
    status: Option<ReturnStatus>,
    page: &Page<Position>,
) -> Result<Slice<FullReturn>, Failure> {
    let mut query = returns_with_orders!()
        .filter(returns::shop_id.eq(shop))
        .select((Return::as_select(), orders::id, orders::buyer_id))
        .into_boxed();
    if let Some(status) = status {
        query = query.filter(returns::status.eq(status));
    }
    let query = newest_first!(query, page, (returns::created_at, returns::id): (Timestamptz, SqlUuid));
    let Slice { items, has_next, has_previous } = page.slice(query.load::<Row>(conn)?);
    let items = with_lines(conn, items)?.into_iter().map(|(full, _)| full).collect();
    Ok(Slice { items, has_next, has_previous })
}

pub fn count_by_shop(
    conn: &mut Conn,
    shop: Id<Shop>,
    status: Option<ReturnStatus>,
    limit: i64,
) -> Result<i64, Failure> {
    let mut rows = returns::table.filter(returns::shop_id.eq(shop)).select(returns::id).limit(limit).into_boxed();
    if let Some(status) = status {
        rows = rows.filter(returns::status.eq(status));
    }
    Ok(crate::platform::counted::Counted(rows).get_result(conn)?)
}
