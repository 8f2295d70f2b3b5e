//! Orders that wait for their money, and what is kept of those that came to nothing.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, dsl::sql, sql_types::Bool};

use crate::{
    kernel::{error::Failure, id::Id},
    orders::model::Order,
    platform::db::{Conn, Tx},
    schema::orders,
    users::model::User,
};

/// How many of somebody's orders wait for their money.
pub fn count_by_buyer(conn: &mut Conn, buyer: Id<User>) -> Result<i64, Failure> {
    let waiting = orders::table.filter(orders::buyer_id.eq(buyer)).filter(orders::payment_due_at.is_not_null());
    Ok(waiting.count().get_result(conn)?)
}

/// Of an order.
const IS_OF_ERASED: &str =
    "EXISTS (SELECT FROM users WHERE users.id = orders.buyer_id AND users.erased_at IS NOT NULL)";

/// Whether the buyer of an order is erased.
pub fn is_of_erased(conn: &mut Conn, id: Id<Order>) -> Result<bool, Failure> {
    let theirs = orders::table.find(id).filter(sql::<Bool>(IS_OF_ERASED));
    Ok(diesel::select(diesel::dsl::exists(theirs)).get_result(conn)?)
}

/// Forgets where an order was to go, and what its buyer told the shops, if they are erased.
pub fn forget_address_of_erased(tx: &mut Tx<'_>, id: Id<Order>) -> Result<(), Failure> {
    diesel::update(orders::table.find(id).filter(sql::<Bool>(IS_OF_ERASED)))
        .set((orders::shipping_address.eq(None::<serde_json::Value>), orders::note.eq(None::<String>)))
        .execute(tx.conn())?;
    Ok(())
}
