//! Shipments in Postgres.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl,
    SelectableHelper,
    sql_types::{Array, Int4, Uuid as SqlUuid},
};

use super::steps::Bought;
use crate::{
    kernel::{error::Failure, id::Id},
    orders::model::{
        FulfillmentState, FullShipment, Order, OrderLifecycle, OrderLine, OrderLineKind, OrderPart, Pieces, Shipment,
        ShipmentLine, ShipmentStatus, Tracking,
    },
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{order_lines, order_parts, orders, shipment_lines, shipments},
    users::model::User,
};

#[derive(Insertable)]
#[diesel(table_name = shipments)]
pub struct NewShipment<'a> {
    pub id: Id<Shipment>,
    pub part_id: Id<OrderPart>,
    pub status: ShipmentStatus,
    pub carrier: Option<&'a str>,
    pub tracking_number: Option<&'a str>,
    pub tracking_url: Option<&'a str>,
    pub created_at: Time,
    pub shipped_at: Option<Time>,
}

/// Packs pieces of lines whose order is locked.
pub fn insert(tx: &mut Tx<'_>, shipment: &NewShipment<'_>, pieces: &[Pieces]) -> Result<(), Failure> {
    diesel::insert_into(shipments::table).values(shipment).execute(tx.conn())?;
    let rows: Vec<_> = pieces
        .iter()
        .map(|pieces| {
            (
                shipment_lines::shipment_id.eq(shipment.id),
                shipment_lines::line_id.eq(pieces.line),
                shipment_lines::quantity.eq(pieces.quantity),
            )
        })
        .collect();
    diesel::insert_into(shipment_lines::table).values(rows).execute(tx.conn())?;
    Ok(())
}

/// What becomes of pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    Packed,
    Cancelled,
    /// Of those that are called off, before they were paid.
    Dropped,
    /// Of those that were sent.
    Returned,
}

/// Counts more pieces of lines whose order is locked; fewer, if they are less than nothing.
pub fn count(tx: &mut Tx<'_>, as_what: Count, pieces: &[Pieces]) -> Result<(), Failure> {
    if pieces.is_empty() {
        return Ok(());
    }
    let (lines, quantities): (Vec<uuid::Uuid>, Vec<i32>) =
        pieces.iter().map(|pieces| (pieces.line.uuid(), pieces.quantity)).unzip();
    let sql = match as_what {
        Count::Packed => {
            "UPDATE order_lines SET packed = packed + more.quantity FROM unnest($1, $2) AS more (id, quantity) \
             WHERE order_lines.id = more.id"
        }
        Count::Cancelled => {
            "UPDATE order_lines SET cancelled = cancelled + more.quantity FROM unnest($1, $2) AS more (id, quantity) \
             WHERE order_lines.id = more.id"
        }
        Count::Dropped => {
            "UPDATE order_lines SET dropped = dropped + more.quantity FROM unnest($1, $2) AS more (id, quantity) \
             WHERE order_lines.id = more.id"
        }
        Count::Returned => {
            "UPDATE order_lines SET returned = returned + more.quantity FROM unnest($1, $2) AS more (id, quantity) \
             WHERE order_lines.id = more.id"
        }
    };
    let count = diesel::sql_query(sql).bind::<Array<SqlUuid>, _>(lines).bind::<Array<Int4>, _>(quantities);
    count.execute(tx.conn())?;
    Ok(())
}

/// The goods of a part, whatever of them is packed or called off.
pub fn goods_of(conn: &mut Conn, part: Id<OrderPart>) -> Result<Vec<OrderLine>, Failure> {
    Ok(order_lines::table
        .filter(order_lines::part_id.eq(part))
        .filter(order_lines::kind.eq(OrderLineKind::Goods))
        .order(order_lines::ordinal)
        .select(OrderLine::as_select())
        .load(conn)?)
}

/// How many pieces of an order are in no shipment and not called off, and how many of its shipments have not arrived.
pub fn outstanding(conn: &mut Conn, order: Id<Order>) -> Result<(i64, i64), Failure> {
    let open = order_lines::quantity - order_lines::packed - order_lines::cancelled;
    let open: Option<i64> = order_lines::table
        .inner_join(order_parts::table.on(order_parts::id.eq(order_lines::part_id)))
        .filter(order_parts::order_id.eq(order))
        .filter(order_lines::kind.eq(OrderLineKind::Goods))
        .select(diesel::dsl::sum(open))
        .first(conn)?;
    let under_way = shipments::table
        .inner_join(order_parts::table.on(order_parts::id.eq(shipments::part_id)))
        .filter(order_parts::order_id.eq(order))
        .filter(shipments::status.eq_any([ShipmentStatus::Packed, ShipmentStatus::Shipped]))
        .count()
        .get_result(conn)?;
    Ok((open.unwrap_or(0), under_way))
}

/// Whether anything of an order was sent.
pub fn is_anything_sent(conn: &mut Conn, order: Id<Order>) -> Result<bool, Failure> {
    let sent = shipments::table
        .inner_join(order_parts::table.on(order_parts::id.eq(shipments::part_id)))
        .filter(order_parts::order_id.eq(order))
        .filter(shipments::status.eq_any([ShipmentStatus::Shipped, ShipmentStatus::Delivered]));
    Ok(diesel::select(diesel::dsl::exists(sent)).get_result(conn)?)
}

/// How far the shipments of a part have come.
pub fn statuses_of(conn: &mut Conn, part: Id<OrderPart>) -> Result<Vec<ShipmentStatus>, Failure> {
    Ok(shipments::table.filter(shipments::part_id.eq(part)).select(shipments::status).load(conn)?)
}

/// Whether anything of an order is packed, or was sent.
pub fn is_anything_packed(conn: &mut Conn, order: Id<Order>) -> Result<bool, Failure> {
    let packed = order_lines::table
        .inner_join(order_parts::table.on(order_parts::id.eq(order_lines::part_id)))
        .filter(order_parts::order_id.eq(order))
        .filter(order_lines::packed.gt(0));
    Ok(diesel::select(diesel::dsl::exists(packed)).get_result(conn)?)
}

pub fn set_fulfillment(tx: &mut Tx<'_>, part: Id<OrderPart>, state: FulfillmentState) -> Result<(), Failure> {
    diesel::update(order_parts::table.find(part)).set(order_parts::fulfillment_state.eq(state)).execute(tx.conn())?;
    Ok(())
}

/// Notes that everything that was agreed has been done. Returns the order's version; none if it is not open.
pub fn set_completed(tx: &mut Tx<'_>, order: Id<Order>) -> Result<Option<i32>, Failure> {
    Ok(diesel::update(orders::table.find(order).filter(orders::status.eq(OrderLifecycle::Open)))
        .set((orders::status.eq(OrderLifecycle::Completed), orders::version.eq(orders::version + 1)))
        .returning(orders::version)
        .get_result(tx.conn())
        .optional()?)
}

/// Notes that some of an unpaid part's total falls away, and of its order's.
pub fn add_dropped(tx: &mut Tx<'_>, part: &OrderPart, amount: i64, tax: i64) -> Result<(), Failure> {
    if (amount, tax) == (0, 0) {
        return Ok(());
    }
    diesel::update(order_parts::table.find(part.id))
        .set((
            order_parts::dropped.eq(order_parts::dropped + amount),
            order_parts::tax_dropped.eq(order_parts::tax_dropped + tax),
        ))
        .execute(tx.conn())?;
    diesel::update(orders::table.find(part.order_id))
        .set(orders::dropped.eq(orders::dropped + amount))
        .execute(tx.conn())?;
    Ok(())
}

/// A shipment with its order, which is to be locked before it is changed.
pub fn find(conn: &mut Conn, id: Id<Shipment>) -> Result<Option<(Shipment, Id<Order>)>, Failure> {
    Ok(shipments::table
        .inner_join(order_parts::table.on(order_parts::id.eq(shipments::part_id)))
        .filter(shipments::id.eq(id))
        .select((Shipment::as_select(), order_parts::order_id))
        .first(conn)
        .optional()?)
}

/// What is in a shipment.
pub fn lines_of(conn: &mut Conn, id: Id<Shipment>) -> Result<Vec<ShipmentLine>, Failure> {
    let lines = shipment_lines::table.filter(shipment_lines::shipment_id.eq(id));
    Ok(lines.select(ShipmentLine::as_select()).load(conn)?)
}

/// Moves a shipment on whose order is locked.
pub fn set_status(tx: &mut Tx<'_>, id: Id<Shipment>, status: ShipmentStatus) -> Result<(), Failure> {
    let now = tx.now();
    let shipped_at = (status == ShipmentStatus::Shipped).then_some(shipments::shipped_at.eq(now));
    let delivered_at = (status == ShipmentStatus::Delivered).then_some(shipments::delivered_at.eq(now));
    diesel::update(shipments::table.find(id))
        .set((shipments::status.eq(status), shipped_at, delivered_at))
        .execute(tx.conn())?;
    Ok(())
}

/// Says how a shipment is followed; what is not given stays.
pub fn set_tracking(tx: &mut Tx<'_>, id: Id<Shipment>, tracking: &Tracking) -> Result<(), Failure> {
    let carrier = tracking.carrier.as_ref().map(|carrier| shipments::carrier.eq(carrier));
    let number = tracking.number.as_ref().map(|number| shipments::tracking_number.eq(number));
    let url = tracking.url.as_ref().map(|url| shipments::tracking_url.eq(url));
    if carrier.is_none() && number.is_none() && url.is_none() {
        return Ok(());
    }
    diesel::update(shipments::table.find(id)).set((carrier, number, url)).execute(tx.conn())?;
    Ok(())
}

/// A shipment's row, its order, and the order's buyer.
type Row = (Shipment, Id<Order>, Option<Id<User>>);

fn with_lines(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<Bought<FullShipment>>, Failure> {
    let ids: Vec<Id<Shipment>> = rows.iter().map(|(shipment, ..)| shipment.id).collect();
    let lines: Vec<ShipmentLine> = shipment_lines::table
        .inner_join(order_lines::table.on(order_lines::id.eq(shipment_lines::line_id)))
        .filter(shipment_lines::shipment_id.eq_any(ids))
        .order(order_lines::ordinal)
        .select(ShipmentLine::as_select())
        .load(conn)?;
    let full = |(shipment, order, buyer): Row| {
        let own = lines.iter().filter(|line| line.shipment_id == shipment.id).cloned().collect();
        (FullShipment { shipment, order, lines: own }, buyer)
    };
    Ok(rows.into_iter().map(full).collect())
}

/// The shipments of some parts, oldest first.
pub fn by_parts(conn: &mut Conn, ids: &[Id<OrderPart>]) -> Result<Vec<Bought<FullShipment>>, Failure> {
    let rows = shipments::table
        .inner_join(order_parts::table.on(order_parts::id.eq(shipments::part_id)))
        .inner_join(orders::table.on(orders::id.eq(order_parts::order_id)))
        .filter(shipments::part_id.eq_any(ids))
        .order((shipments::part_id, shipments::created_at, shipments::id))
        .select((Shipment::as_select(), orders::id, orders::buyer_id))
        .load(conn)?;
    with_lines(conn, rows)
}

pub fn by_ids(conn: &mut Conn, ids: &[Id<Shipment>]) -> Result<Vec<Bought<FullShipment>>, Failure> {
    let rows = shipments::table
        .inner_join(order_parts::table.on(order_parts::id.eq(shipments::part_id)))
        .inner_join(orders::table.on(orders::id.eq(order_parts::order_id)))
        .filter(shipments::id.eq_any(ids))
        .select((Shipment::as_select(), orders::id, orders::buyer_id))
        .load(conn)?;
    with_lines(conn, rows)
}

/// Whether every piece of an order is called off.
pub fn is_all_cancelled(conn: &mut Conn, order: Id<Order>) -> Result<bool, Failure> {
    let kept = order_lines::table
        .inner_join(order_parts::table.on(order_parts::id.eq(order_lines::part_id)))
        .filter(order_parts::order_id.eq(order).and(order_lines::cancelled.lt(order_lines::quantity)))
        .filter(order_lines::kind.eq(OrderLineKind::Goods));
    Ok(!diesel::select(diesel::dsl::exists(kept)).get_result::<bool>(conn)?)
}
