//! Orders that wait for their money.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};

use crate::{
    kernel::{error::Failure, id::Id},
    platform::db::Conn,
    schema::orders,
    users::model::User,
};

/// How many of somebody's orders wait for their money.
pub fn count_by_buyer(conn: &mut Conn, buyer: Id<User>) -> Result<i64, Failure> {
    let waiting = orders::table.filter(orders::buyer_id.eq(buyer)).filter(orders::payment_due_at.is_not_null());
    Ok(waiting.count().get_result(conn)?)
}
