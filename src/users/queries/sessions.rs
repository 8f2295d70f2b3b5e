//! Sessions in Postgres.

use diesel::{
    ExpressionMethods, Insertable, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl,
    SelectableHelper,
    dsl::{Eq, sql},
    expression::SqlLiteral,
    sql_types::{Nullable, Timestamptz},
};
use uuid::Uuid;

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    newest_first_by_id,
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{sessions, users},
    users::model::{ProofMethod, Role, Session, SessionEnd, User},
};

#[derive(Insertable)]
#[diesel(table_name = sessions)]
pub struct NewSession<'a> {
    pub id: Id<Session>,
    pub user_id: Id<User>,
    pub device: &'a str,
    pub address: Option<&'a str>,
    pub rotated_at: Time,
    pub created_at: Time,
    pub last_seen_at: Time,
    pub expires_at: Time,
    pub authenticated_at: Time,
    pub authenticated_by: ProofMethod,
}

pub fn insert_session(tx: &mut Tx<'_>, session: &NewSession<'_>) -> Result<Session, Failure> {
    Ok(diesel::insert_into(sessions::table).values(session).returning(Session::as_returning()).get_result(tx.conn())?)
}

/// A session with the role of its person, if neither is gone.
pub fn session_and_role(conn: &mut Conn, id: Uuid) -> Result<Option<(Session, Role)>, Failure> {
    Ok(sessions::table
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .filter(sessions::id.eq(id))
        .filter(users::erased_at.is_null())
        .select((Session::as_select(), users::role))
        .first(conn)
        .optional()?)
}

pub fn lock_session(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<Session>, Failure> {
    Ok(sessions::table.find(id).select(Session::as_select()).for_update().first(tx.conn()).optional()?)
}

pub fn set_rotated(tx: &mut Tx<'_>, id: Id<Session>, now: Time, expires_at: Time) -> Result<Session, Failure> {
    Ok(diesel::update(sessions::table.find(id))
        .set((
            sessions::generation.eq(sessions::generation + 1),
            sessions::rotated_at.eq(now),
            sessions::last_seen_at.eq(now),
            sessions::expires_at.eq(expires_at),
        ))
        .returning(Session::as_returning())
        .get_result(tx.conn())?)
}

type Ending = (
    Eq<sessions::ended_at, Time>,
    Eq<sessions::ended_reason, SessionEnd>,
    Eq<sessions::changed_at, SqlLiteral<Nullable<Timestamptz>>>,
);

/// What becomes of a session that ends.
fn ending(now: Time, reason: SessionEnd) -> Ending {
    (sessions::ended_at.eq(now), sessions::ended_reason.eq(reason), sessions::changed_at.eq(database_clock()))
}

/// Ends a session; one that is over stays as it ended.
pub fn set_ended(tx: &mut Tx<'_>, id: Uuid, now: Time, reason: SessionEnd) -> Result<(), Failure> {
    diesel::update(sessions::table.find(id).filter(sessions::ended_at.is_null()))
        .set(ending(now, reason))
        .execute(tx.conn())?;
    Ok(())
}

/// A person's sessions that go on, the one seen latest first.
pub fn live_sessions(conn: &mut Conn, user: Id<User>, now: Time) -> Result<Vec<Session>, Failure> {
    Ok(sessions::table
        .filter(sessions::user_id.eq(user))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .order((sessions::last_seen_at.desc(), sessions::id.desc()))
        .limit(Session::MAXIMUM)
        .select(Session::as_select())
        .load(conn)?)
}

/// Those of the sessions that are the person's and go on.
pub fn live_sessions_by_ids(
    conn: &mut Conn,
    user: Id<User>,
    ids: &[Id<Session>],
    now: Time,
) -> Result<Vec<Session>, Failure> {
    Ok(sessions::table
        .filter(sessions::user_id.eq(user))
        .filter(sessions::id.eq_any(ids))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .select(Session::as_select())
        .load(conn)?)
}

/// Ends a person's session. None if it is not theirs, or over.
pub fn set_session_revoked(
    tx: &mut Tx<'_>,
    user: Id<User>,
    id: Id<Session>,
    now: Time,
) -> Result<Option<Session>, Failure> {
    Ok(diesel::update(sessions::table.find(id))
        .filter(sessions::user_id.eq(user))
        .filter(sessions::ended_at.is_null())
        .set(ending(now, SessionEnd::Revoked))
        .returning(Session::as_returning())
        .get_result(tx.conn())
        .optional()?)
}

/// Ends all of a person's sessions, but perhaps one. Returns those that went on until now.
pub fn set_others_ended(
    tx: &mut Tx<'_>,
    user: Id<User>,
    kept: Option<Id<Session>>,
    now: Time,
    reason: SessionEnd,
) -> Result<Vec<Session>, Failure> {
    let kept = kept.unwrap_or(Id::from_uuid(Uuid::nil()));
    Ok(diesel::update(sessions::table)
        .filter(sessions::user_id.eq(user))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .filter(sessions::id.ne(kept))
        .set(ending(now, reason))
        .returning(Session::as_returning())
        .get_results(tx.conn())?)
}

/// Ends the sessions of a person that are more than they may have, those seen least lately.
pub fn set_surplus_revoked(tx: &mut Tx<'_>, user: Id<User>, now: Time) -> Result<(), Failure> {
    let surplus: Vec<Id<Session>> = sessions::table
        .filter(sessions::user_id.eq(user))
        .filter(sessions::ended_at.is_null())
        .order((sessions::last_seen_at.desc(), sessions::id.desc()))
        .offset(Session::MAXIMUM)
        .limit(Session::MAXIMUM)
        .select(sessions::id)
        .load(tx.conn())?;
    if !surplus.is_empty() {
        diesel::update(sessions::table.filter(sessions::id.eq_any(surplus)))
            .set(ending(now, SessionEnd::Revoked))
            .execute(tx.conn())?;
    }
    Ok(())
}

/// Forgets where at most `limit` sessions began that began before a time. Returns how many.
pub fn set_addresses_forgotten(tx: &mut Tx<'_>, before: Time, limit: i64) -> Result<usize, Failure> {
    let old: Vec<Id<Session>> = sessions::table
        .filter(sessions::address.is_not_null())
        .filter(sessions::created_at.lt(before))
        .limit(limit)
        .select(sessions::id)
        .load(tx.conn())?;
    Ok(diesel::update(sessions::table.filter(sessions::id.eq_any(old)))
        .set(sessions::address.eq(None::<String>))
        .execute(tx.conn())?)
}

/// Deletes at most `limit` sessions that ended before a time. Returns how many.
pub fn delete_sessions(tx: &mut Tx<'_>, before: Time, limit: i64) -> Result<usize, Failure> {
    let ended = sql::<Timestamptz>("coalesce(ended_at, expires_at)");
    let over: Vec<Id<Session>> =
        sessions::table.filter(ended.lt(before)).limit(limit).select(sessions::id).load(tx.conn())?;
    Ok(diesel::delete(sessions::table.filter(sessions::id.eq_any(over))).execute(tx.conn())?)
}

/// Has every process look up a person's sessions again.
pub fn set_sessions_changed(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    diesel::update(sessions::table.filter(sessions::user_id.eq(user)).filter(sessions::ended_at.is_null()))
        .set(sessions::changed_at.eq(database_clock()))
        .execute(tx.conn())?;
    Ok(())
}

/// What Postgres' clock says, and the sessions that changed since it said `since` (since now if none) and in the two minutes
/// before, and when; the latest first. A transaction that takes longer than these would not be heard of: each of its
/// statements is cancelled long before.
pub fn changed_sessions(
    conn: &mut Conn,
    since: Option<Time>,
    limit: i64,
) -> Result<(Time, Vec<(Uuid, Time)>), Failure> {
    let now: Time = diesel::select(sql::<Timestamptz>("clock_timestamp()")).get_result(conn)?;
    let since = since.unwrap_or(now) - chrono::TimeDelta::minutes(2);
    let changed = sessions::table
        .filter(sessions::changed_at.gt(since))
        .order(sessions::changed_at.desc())
        .limit(limit)
        .select((sessions::id, sessions::changed_at.assume_not_null()))
        .load(conn)?;
    Ok((now, changed))
}

/// What Postgres' clock says, not when the transaction began.
fn database_clock() -> SqlLiteral<Nullable<Timestamptz>> {
    sql("clock_timestamp()")
}

/// A page of a person's sessions, those that are over among them, newest first.
pub fn sessions_of(conn: &mut Conn, user: Id<User>, page: &Page<Id<Session>>) -> Result<Slice<Session>, Failure> {
    let query = sessions::table.filter(sessions::user_id.eq(user)).select(Session::as_select()).into_boxed();
    let query = newest_first_by_id!(query, page, sessions::id);
    Ok(page.slice(query.load(conn)?))
}
