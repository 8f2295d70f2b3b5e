//! Reading orders page by page.

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    orders::{
        model::{FullPart, Order, OrderFilter, OrderPart, PaidOrder},
        queries::{self, Position},
    },
    platform::{app::App, caller::Caller, db::Conn},
    shops::model::{Desk, Permission, Shop},
    users::model::signed_in,
};

/// A page of the caller's orders, newest first.
pub async fn orders(
    app: &App,
    caller: &Caller,
    filter: OrderFilter,
    page: Page<Position>,
) -> Result<Slice<PaidOrder>, Failure> {
    let buyer = signed_in(caller)?;
    let walks = filter.walks_orders();
    let read = move |conn: &mut Conn| queries::lists::by_buyer(conn, buyer, &filter, &page);
    if walks { app.db.read_long(read).await } else { app.db.read(read).await }
}

/// How many orders the caller has, counted to a little more than is told.
pub async fn count_orders(app: &App, caller: &Caller, filter: OrderFilter, limit: i64) -> Result<i64, Failure> {
    let buyer = signed_in(caller)?;
    app.db.read_long(move |conn| queries::lists::count_by_buyer(conn, buyer, &filter, limit)).await
}

/// A page of all orders, newest first. The face has asked whether the caller sees them.
pub async fn all_orders(app: &App, filter: OrderFilter, page: Page<Position>) -> Result<Slice<PaidOrder>, Failure> {
    let walks = filter.walks_orders();
    let read = move |conn: &mut Conn| queries::lists::all(conn, &filter, &page);
    if walks { app.db.read_long(read).await } else { app.db.read(read).await }
}

/// How many orders there are, counted to a little more than is told.
pub async fn count_all_orders(app: &App, filter: OrderFilter, limit: i64) -> Result<i64, Failure> {
    app.db.read_long(move |conn| queries::lists::count_all(conn, &filter, limit)).await
}

/// A page of what a shop has to do, newest first. The face has a desk, so the caller is a member; the role decides.
pub async fn parts(
    app: &App,
    desk: &Desk,
    filter: OrderFilter,
    page: Page<Position>,
) -> Result<Option<Slice<FullPart>>, Failure> {
    if !desk.role.may(Permission::SeeOrders) {
        return Ok(None);
    }
    let (shop, walks) = (desk.shop.id, filter.walks_parts());
    let read = move |conn: &mut Conn| queries::lists::parts_by_shop(conn, shop, &filter, &page);
    if walks { app.db.read_long(read).await.map(Some) } else { app.db.read(read).await.map(Some) }
}

/// How many parts a shop has, counted to a little more than is told.
pub async fn count_parts(app: &App, shop: Id<Shop>, filter: OrderFilter, limit: i64) -> Result<i64, Failure> {
    app.db.read_long(move |conn| queries::lists::count_parts_by_shop(conn, shop, &filter, limit)).await
}

/// A step: the parts of an order.
///
/// # Errors
/// If the database fails.
pub fn parts_of(conn: &mut Conn, order: Id<Order>) -> Result<Vec<Id<OrderPart>>, Failure> {
    Ok(queries::parts_of(conn, order)?.iter().map(|part| part.id).collect())
}
