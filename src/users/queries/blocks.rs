//! Who has blocked whom, in Postgres.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, RunQueryDsl,
    SelectableHelper, sql_types,
};

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    newest_first,
    platform::{
        clock::Time,
        counted::Counted,
        db::{Conn, Tx},
    },
    schema::{blocks, users},
    users::model::{BlockKey, Face, User},
};

/// Whether `blocker` has blocked `other`.
pub fn has_blocked(conn: &mut Conn, blocker: Id<User>, other: Id<User>) -> Result<bool, Failure> {
    Ok(diesel::select(diesel::dsl::exists(blocks::table.find((blocker, other)))).get_result(conn)?)
}

/// Those of the people whom `blocker` has blocked.
pub fn blocked_of(conn: &mut Conn, blocker: Id<User>, people: &[Id<User>]) -> Result<Vec<Id<User>>, Failure> {
    let own = blocks::table.filter(blocks::blocker_id.eq(blocker)).filter(blocks::inherited_from.is_null());
    Ok(own.filter(blocks::blocked_id.eq_any(people)).select(blocks::blocked_id).load(conn)?)
}

pub fn count_blocked(conn: &mut Conn, blocker: Id<User>, limit: i64) -> Result<i64, Failure> {
    let own = blocks::table.filter(blocks::blocker_id.eq(blocker)).filter(blocks::inherited_from.is_null());
    Ok(Counted(own.select(blocks::blocked_id).limit(limit)).get_result(conn)?)
}

/// Those whom somebody has blocked, the last one first, and when.
pub fn blocked(conn: &mut Conn, blocker: Id<User>, page: &Page<BlockKey>) -> Result<Slice<(Face, Time)>, Failure> {
    let query = blocks::table
        .inner_join(users::table.on(users::id.eq(blocks::blocked_id)))
        .filter(blocks::blocker_id.eq(blocker))
        .filter(blocks::inherited_from.is_null())
        .select((Face::as_select(), blocks::created_at))
        .into_boxed();
    let query =
        newest_first!(query, page, (blocks::created_at, blocks::blocked_id): (sql_types::Timestamptz, sql_types::Uuid));
    Ok(page.slice(query.load(conn)?))
}

/// Blocks somebody. False if they were blocked already.
pub fn insert_block(tx: &mut Tx<'_>, blocker: Id<User>, other: Id<User>) -> Result<bool, Failure> {
    let now = tx.now();
    let row = (blocks::blocker_id.eq(blocker), blocks::blocked_id.eq(other), blocks::created_at.eq(now));
    let insert = diesel::insert_into(blocks::table).values(row);
    let own = insert.on_conflict((blocks::blocker_id, blocks::blocked_id)).do_update();
    let own = own.set(blocks::inherited_from.eq(None::<Id<User>>));
    Ok(diesel::query_dsl::methods::FilterDsl::filter(own, blocks::inherited_from.is_not_null()).execute(tx.conn())?
        == 1)
}

/// Undoes a block, and those that were inherited from it. Returns whom it kept away.
pub fn delete_block(tx: &mut Tx<'_>, blocker: Id<User>, other: Id<User>) -> Result<Vec<Id<User>>, Failure> {
    let of_other = blocks::blocked_id.eq(other).or(blocks::inherited_from.eq(other).assume_not_null());
    let rows = blocks::table.filter(blocks::blocker_id.eq(blocker)).filter(of_other);
    Ok(diesel::delete(rows).returning(blocks::blocked_id).get_results(tx.conn())?)
}

/// Keeps people from blocking each other for as long as the transaction runs: what [`lock_user`](super::lock_user) takes waits
/// for a share, and would not for a key share.
pub fn hold_people(tx: &mut Tx<'_>, people: &[Id<User>]) -> Result<(), Failure> {
    let rows = users::table.filter(users::id.eq_any(people)).order(users::id).select(users::id);
    rows.for_share().load::<Id<User>>(tx.conn())?;
    Ok(())
}
