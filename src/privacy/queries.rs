//! Exports and deletions in Postgres.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, NullableExpressionMethods, OptionalExtension, QueryDsl,
    RunQueryDsl, SelectableHelper, dsl::sql, sql_types::Bool,
};

use uuid::Uuid;

use super::model::{AccountDeletion, DataExport, DataExportState};
use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{account_deletions, data_exports},
    users::model::User,
};

#[derive(Insertable)]
#[diesel(table_name = data_exports)]
pub struct NewDataExport {
    pub id: Id<DataExport>,
    pub user_id: Id<User>,
    pub state: DataExportState,
    pub requested_at: Time,
    pub expires_at: Time,
}

pub fn insert_export(tx: &mut Tx<'_>, export: &NewDataExport) -> Result<DataExport, Failure> {
    let insert = diesel::insert_into(data_exports::table).values(export);
    Ok(insert.returning(DataExport::as_returning()).get_result(tx.conn())?)
}

/// The export that a person asked for last, unless its time is over.
pub fn last_export(conn: &mut Conn, user: Id<User>, now: Time) -> Result<Option<DataExport>, Failure> {
    let own = data_exports::table.filter(data_exports::user_id.eq(user)).filter(data_exports::expires_at.gt(now));
    let last = own.order((data_exports::requested_at.desc(), data_exports::id.desc()));
    Ok(last.select(DataExport::as_select()).first(conn).optional()?)
}

pub fn export(conn: &mut Conn, id: Id<DataExport>) -> Result<Option<DataExport>, Failure> {
    Ok(data_exports::table.find(id).select(DataExport::as_select()).first(conn).optional()?)
}

/// Says that an export is there. False if nobody waits for it any more.
pub fn set_ready(tx: &mut Tx<'_>, id: Id<DataExport>, byte_size: i64, expires_at: Time) -> Result<bool, Failure> {
    let now = tx.now();
    let row = data_exports::table.find(id).filter(data_exports::state.eq(DataExportState::Preparing));
    let changes = (
        data_exports::state.eq(DataExportState::Ready),
        data_exports::byte_size.eq(byte_size),
        data_exports::ready_at.eq(now),
        data_exports::expires_at.eq(expires_at),
    );
    Ok(diesel::update(row.filter(data_exports::expires_at.gt(now))).set(changes).execute(tx.conn())? == 1)
}

/// Says that a person's exports are over.
pub fn set_exports_over(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    let now = tx.now();
    let own = data_exports::table.filter(data_exports::user_id.eq(user)).filter(data_exports::expires_at.gt(now));
    diesel::update(own).set(data_exports::expires_at.eq(now)).execute(tx.conn())?;
    Ok(())
}

/// At most `limit` exports that are over.
pub fn exports_over(conn: &mut Conn, now: Time, limit: i64) -> Result<Vec<Id<DataExport>>, Failure> {
    let over = data_exports::table.filter(data_exports::expires_at.le(now)).order(data_exports::expires_at);
    Ok(over.limit(limit).select(data_exports::id).load(conn)?)
}

pub fn delete_export(tx: &mut Tx<'_>, id: Id<DataExport>) -> Result<(), Failure> {
    diesel::delete(data_exports::table.find(id)).execute(tx.conn())?;
    Ok(())
}

/// That a person wants to be erased, if they do.
pub fn deletion(conn: &mut Conn, user: Id<User>) -> Result<Option<AccountDeletion>, Failure> {
    Ok(account_deletions::table.find(user).select(AccountDeletion::as_select()).first(conn).optional()?)
}

pub fn insert_deletion(tx: &mut Tx<'_>, user: Id<User>, due_at: Time) -> Result<AccountDeletion, Failure> {
    let now = tx.now();
    let row = (
        account_deletions::user_id.eq(user),
        account_deletions::requested_at.eq(now),
        account_deletions::due_at.eq(due_at),
    );
    let insert = diesel::insert_into(account_deletions::table).values(row);
    Ok(insert.returning(AccountDeletion::as_returning()).get_result(tx.conn())?)
}

/// False if there was none, or it was carried out.
pub fn delete_deletion(tx: &mut Tx<'_>, user: Id<User>) -> Result<bool, Failure> {
    let row = account_deletions::table.find(user).filter(account_deletions::erased_at.is_null());
    Ok(diesel::delete(row).execute(tx.conn())? == 1)
}

pub fn set_deletion_done(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    let now = tx.now();
    let row = account_deletions::table.find(user).filter(account_deletions::erased_at.is_null());
    diesel::update(row).set(account_deletions::erased_at.eq(now)).execute(tx.conn())?;
    Ok(())
}

/// At most `limit` people who can be erased, those first who have waited longest.
pub fn due(conn: &mut Conn, now: Time, limit: i64) -> Result<Vec<Id<User>>, Failure> {
    let due =
        account_deletions::table.filter(sql::<Bool>("erased_at IS NULL")).filter(account_deletions::due_at.le(now));
    Ok(due.order(account_deletions::due_at).limit(limit).select(account_deletions::user_id).load(conn)?)
}

/// At most `limit` people who were erased after a time and until another, the first first, and when; after one of them if it
/// is given.
pub fn erased(
    conn: &mut Conn,
    (since, until): (Time, Time),
    after: Option<(Time, Id<User>)>,
    limit: i64,
) -> Result<Vec<(Time, Id<User>)>, Failure> {
    let (time, person) = after.unwrap_or((since, Id::from_uuid(Uuid::max())));
    let beside = account_deletions::erased_at.eq(time).and(account_deletions::user_id.gt(person));
    Ok(account_deletions::table
        .filter(account_deletions::erased_at.gt(time).or(beside))
        .filter(account_deletions::erased_at.le(until))
        .order((account_deletions::erased_at, account_deletions::user_id))
        .limit(limit)
        .select((account_deletions::erased_at.assume_not_null(), account_deletions::user_id))
        .load(conn)?)
}

/// Forgets at most `limit` deletions that were carried out before a time. Returns how many.
pub fn delete_deletions(tx: &mut Tx<'_>, before: Time, limit: i64) -> Result<usize, Failure> {
    let old = account_deletions::table.filter(account_deletions::erased_at.lt(before)).limit(limit);
    let old: Vec<Id<User>> = old.select(account_deletions::user_id).load(tx.conn())?;
    let rows = account_deletions::table.filter(account_deletions::user_id.eq_any(old));
    Ok(diesel::delete(rows).execute(tx.conn())?)
}
