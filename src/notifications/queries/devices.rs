//! Devices in Postgres. One whose session is over is as good as gone, and is deleted a little later.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl,
    SelectableHelper, dsl::auto_type, upsert::excluded,
};
use uuid::Uuid;

use crate::{
    kernel::{error::Failure, id::Id},
    notifications::model::{PushDevice, PushPlatform},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{push_devices, push_refusals, sessions},
    users::model::User,
};

#[derive(Insertable)]
#[diesel(table_name = push_devices)]
pub struct NewDevice<'a> {
    pub id: Id<PushDevice>,
    pub user_id: Id<User>,
    pub session_id: Uuid,
    pub platform: PushPlatform,
    pub token: &'a str,
    pub token_hash: &'a [u8],
    pub public_key: Option<&'a [u8]>,
    pub secret: Option<&'a [u8]>,
    pub created_at: Time,
}

/// Whether the device's session goes on.
#[auto_type]
fn of_live_session(now: Time) -> _ {
    push_devices::table
        .inner_join(sessions::table.on(sessions::id.eq(push_devices::session_id)))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now))
}

/// Puts a device down. One with this token is this one, whoever had it before.
pub fn put(tx: &mut Tx<'_>, device: &NewDevice<'_>) -> Result<PushDevice, Failure> {
    Ok(diesel::insert_into(push_devices::table)
        .values(device)
        .on_conflict(push_devices::token_hash)
        .do_update()
        .set((
            push_devices::user_id.eq(excluded(push_devices::user_id)),
            push_devices::session_id.eq(excluded(push_devices::session_id)),
            push_devices::public_key.eq(excluded(push_devices::public_key)),
            push_devices::secret.eq(excluded(push_devices::secret)),
            push_devices::created_at.eq(excluded(push_devices::created_at)),
        ))
        .returning(PushDevice::as_returning())
        .get_result(tx.conn())?)
}

/// Deletes what else a session had of a platform: a device is one session, and gets another token now and then.
pub fn delete_others_of_session(tx: &mut Tx<'_>, kept: &PushDevice) -> Result<(), Failure> {
    let others = push_devices::table
        .filter(push_devices::session_id.eq(kept.session_id))
        .filter(push_devices::platform.eq(kept.platform))
        .filter(push_devices::id.ne(kept.id));
    diesel::delete(others).execute(tx.conn())?;
    Ok(())
}

/// Deletes a person's devices but for the newest [`PushDevice::MAXIMUM`] of sessions that go on.
pub fn delete_surplus(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    let now = tx.now();
    let kept: Vec<Id<PushDevice>> = of_live_session(now)
        .filter(push_devices::user_id.eq(user))
        .order((push_devices::created_at.desc(), push_devices::id.desc()))
        .limit(PushDevice::MAXIMUM)
        .select(push_devices::id)
        .load(tx.conn())?;
    let own = push_devices::table.filter(push_devices::user_id.eq(user));
    diesel::delete(own.filter(push_devices::id.ne_all(kept))).execute(tx.conn())?;
    Ok(())
}

/// A person's devices, the one that was registered last first.
pub fn of_person(conn: &mut Conn, user: Id<User>, now: Time) -> Result<Vec<PushDevice>, Failure> {
    Ok(of_live_session(now)
        .filter(push_devices::user_id.eq(user))
        .order((push_devices::created_at.desc(), push_devices::id.desc()))
        .limit(PushDevice::MAXIMUM)
        .select(PushDevice::as_select())
        .load(conn)?)
}

/// All of a person's devices, also those whose sessions are over.
pub fn all_of_person(conn: &mut Conn, user: Id<User>) -> Result<Vec<PushDevice>, Failure> {
    let own = push_devices::table.filter(push_devices::user_id.eq(user)).order(push_devices::created_at);
    Ok(own.select(PushDevice::as_select()).load(conn)?)
}

/// A device, if it is still the person's.
pub fn find(conn: &mut Conn, id: Id<PushDevice>, user: Id<User>, now: Time) -> Result<Option<PushDevice>, Failure> {
    let device = of_live_session(now).filter(push_devices::id.eq(id)).filter(push_devices::user_id.eq(user));
    Ok(device.select(PushDevice::as_select()).first(conn).optional()?)
}

/// Deletes one of a person's devices. False if it is none.
pub fn delete(tx: &mut Tx<'_>, user: Id<User>, id: Id<PushDevice>) -> Result<bool, Failure> {
    let own = push_devices::table.find(id).filter(push_devices::user_id.eq(user));
    Ok(diesel::delete(own).execute(tx.conn())? == 1)
}

/// Deletes a device that its service does not know any more, unless it has another token by now.
pub fn delete_gone(tx: &mut Tx<'_>, id: Id<PushDevice>, token: &str) -> Result<(), Failure> {
    diesel::delete(push_devices::table.find(id).filter(push_devices::token.eq(token))).execute(tx.conn())?;
    Ok(())
}

/// Since when a device's service has let the market push nothing there; none if it took the last push.
pub fn refused_since(conn: &mut Conn, token_hash: &[u8]) -> Result<Option<Time>, Failure> {
    Ok(push_refusals::table.find(token_hash).select(push_refusals::refused_since).first(conn).optional()?)
}

/// Notes that a device's service lets the market push nothing there, if that is not known yet.
pub fn insert_refusal(tx: &mut Tx<'_>, token_hash: &[u8]) -> Result<(), Failure> {
    let row = (push_refusals::token_hash.eq(token_hash), push_refusals::refused_since.eq(tx.now()));
    diesel::insert_into(push_refusals::table).values(row).on_conflict_do_nothing().execute(tx.conn())?;
    Ok(())
}

pub fn delete_refusal(tx: &mut Tx<'_>, token_hash: &[u8]) -> Result<(), Failure> {
    diesel::delete(push_refusals::table.find(token_hash)).execute(tx.conn())?;
    Ok(())
}

/// Deletes at most `limit` notes of refusals from before a time. Returns how many.
pub fn delete_old_refusals(tx: &mut Tx<'_>, before: Time, limit: i64) -> Result<usize, Failure> {
    let old = push_refusals::table.filter(push_refusals::refused_since.le(before)).limit(limit);
    let old: Vec<Vec<u8>> = old.select(push_refusals::token_hash).load(tx.conn())?;
    Ok(diesel::delete(push_refusals::table.filter(push_refusals::token_hash.eq_any(old))).execute(tx.conn())?)
}

pub fn delete_all(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    let own = push_devices::table.filter(push_devices::user_id.eq(user)).select(push_devices::token_hash);
    diesel::delete(push_refusals::table.filter(push_refusals::token_hash.eq_any(own))).execute(tx.conn())?;
    diesel::delete(push_devices::table.filter(push_devices::user_id.eq(user))).execute(tx.conn())?;
    Ok(())
}

/// Deletes at most `limit` devices whose sessions are over. Returns how many.
pub fn delete_of_ended(tx: &mut Tx<'_>, limit: i64) -> Result<usize, Failure> {
    let now = tx.now();
    let over: Vec<Id<PushDevice>> = push_devices::table
        .inner_join(sessions::table.on(sessions::id.eq(push_devices::session_id)))
        .filter(sessions::ended_at.is_not_null().or(sessions::expires_at.le(now)))
        .limit(limit)
        .select(push_devices::id)
        .load(tx.conn())?;
    Ok(diesel::delete(push_devices::table.filter(push_devices::id.eq_any(over))).execute(tx.conn())?)
}
