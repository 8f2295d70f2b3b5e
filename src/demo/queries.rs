//! What the demo market has to know of a database before it goes there.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, dsl::exists, dsl::sql, select, sql_types::Bool};

use super::model::People;
use crate::{
    kernel::error::Failure,
    platform::db::{Conn, Tx},
    schema::users,
};

pub fn people(conn: &mut Conn) -> Result<People, Failure> {
    let demo = users::table.filter(sql::<Bool>("is_demo"));
    if select(exists(demo)).get_result(conn)? {
        return Ok(People::Demo);
    }
    let others = users::table.filter(users::is_demo.eq(false));
    Ok(if select(exists(others)).get_result(conn)? { People::Others } else { People::Nobody })
}

/// Keeps everybody else from becoming one of the people until the transaction ends.
pub fn lock_people(tx: &mut Tx<'_>) -> Result<(), Failure> {
    diesel::sql_query("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE").execute(tx.conn())?;
    Ok(())
}
