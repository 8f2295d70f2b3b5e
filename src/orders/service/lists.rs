//! Reading orders page by page.

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    orders::{
        model::{FullPart, Order, OrderPart, PaidOrder},
        queries::{self, Position},
    },
    platform::{app::App, caller::Caller, db::Conn},
    shops::model::{Desk, Permission, Shop},
    users::model::signed_in,
};

/// A page of the caller's orders, newest first.
pub async fn orders(app: &App, caller: &Caller, page: Page<Position>) -> Result<Slice<PaidOrder>, Failure> {
    let buyer = signed_in(caller)?;
    app.db.read(move |conn| queries::by_buyer(conn, buyer, &page)).await
}

/// How many orders the caller has, counted to a little more than is told.
pub async fn count_orders(app: &App, caller: &Caller, limit: i64) -> Result<i64, Failure> {
    let buyer = signed_in(caller)?;
    app.db.read_long(move |conn| queries::count_by_buyer(conn, buyer, limit)).await
}

/// A page of what a shop has to do, newest first. The face has a desk, so the caller is a member; the role decides.
pub async fn parts(app: &App, desk: &Desk, page: Page<Position>) -> Result<Option<Slice<FullPart>>, Failure> {
    if !desk.role.may(Permission::SeeOrders) {
        return Ok(None);
    }
    let shop = desk.shop.id;
    app.db.read(move |conn| queries::parts_by_shop(conn, shop, &page)).await.map(Some)
}

/// How many parts a shop has, counted to a little more than is told.
pub async fn count_parts(app: &App, shop: Id<Shop>, limit: i64) -> Result<i64, Failure> {
    app.db.read_long(move |conn| queries::count_parts_by_shop(conn, shop, limit)).await
}

/// A step: the parts of an order.
///
/// # Errors
/// If the database fails.
pub fn parts_of(conn: &mut Conn, order: Id<Order>) -> Result<Vec<Id<OrderPart>>, Failure> {
    Ok(queries::parts_of(conn, order)?.iter().map(|part| part.id).collect())
}
