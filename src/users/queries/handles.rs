//! Handles in Postgres.

use diesel::{ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};

use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{handles, users},
    users::model::{Face, Handle, User},
};

/// The people whom handles lead to, present and former ones, each with the handle in lower case.
pub fn faces_by_handles(conn: &mut Conn, keys: &[String]) -> Result<Vec<(String, Face)>, Failure> {
    Ok(handles::table
        .inner_join(users::table.on(users::id.eq(handles::user_id)))
        .filter(handles::handle_key.eq_any(keys))
        .select((handles::handle_key, Face::as_select()))
        .load(conn)?)
}

/// Whose a handle is, present or former.
pub fn handle_owner(conn: &mut Conn, handle: &Handle) -> Result<Option<Id<User>>, Failure> {
    Ok(handles::table.find(handle.key()).select(handles::user_id).first(conn).optional()?)
}

pub fn count_handles(conn: &mut Conn, user: Id<User>) -> Result<i64, Failure> {
    Ok(handles::table.filter(handles::user_id.eq(user)).count().get_result(conn)?)
}

/// Takes a handle for a person. False if it is somebody's.
pub fn insert_handle(tx: &mut Tx<'_>, user: Id<User>, handle: &Handle, now: Time) -> Result<bool, Failure> {
    let row = (handles::handle_key.eq(handle.key()), handles::user_id.eq(user), handles::created_at.eq(now));
    Ok(diesel::insert_into(handles::table).values(row).on_conflict_do_nothing().execute(tx.conn())? == 1)
}

/// A person's handles, present and former ones.
pub fn handles_of(conn: &mut Conn, user: Id<User>) -> Result<Vec<String>, Failure> {
    let own = handles::table.filter(handles::user_id.eq(user)).order(handles::created_at);
    Ok(own.select(handles::handle_key).load(conn)?)
}
