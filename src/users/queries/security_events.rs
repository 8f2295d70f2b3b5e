//! Security events in Postgres.

use diesel::{ExpressionMethods, Insertable, QueryDsl, RunQueryDsl, SelectableHelper};

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    newest_first_by_id,
    platform::{
        clock::Time,
        counted::Counted,
        db::{Conn, Tx},
    },
    schema::security_events,
    users::model::{SecurityEvent, SecurityEventKind, User},
};

#[derive(Insertable)]
#[diesel(table_name = security_events)]
pub struct NewSecurityEvent<'a> {
    pub id: Id<SecurityEvent>,
    pub user_id: Id<User>,
    pub kind: SecurityEventKind,
    pub device: &'a str,
    pub address: Option<&'a str>,
    pub created_at: Time,
}

pub fn insert_security_event(tx: &mut Tx<'_>, event: &NewSecurityEvent<'_>) -> Result<(), Failure> {
    diesel::insert_into(security_events::table).values(event).execute(tx.conn())?;
    Ok(())
}

/// What happened to a person's account, newest first.
pub fn security_events(
    conn: &mut Conn,
    user: Id<User>,
    page: &Page<Id<SecurityEvent>>,
) -> Result<Slice<SecurityEvent>, Failure> {
    let own = security_events::table.filter(security_events::user_id.eq(user));
    let query = own.select(SecurityEvent::as_select()).into_boxed();
    let query = newest_first_by_id!(query, page, security_events::id);
    Ok(page.slice(query.load(conn)?))
}

pub fn count_security_events(conn: &mut Conn, user: Id<User>, limit: i64) -> Result<i64, Failure> {
    let own = security_events::table.filter(security_events::user_id.eq(user));
    Ok(Counted(own.select(security_events::id).limit(limit)).get_result(conn)?)
}

/// Forgets from where at most `limit` events came that happened before a time. Returns how many.
pub fn set_event_addresses_forgotten(tx: &mut Tx<'_>, before: Time, limit: i64) -> Result<usize, Failure> {
    let old: Vec<Id<SecurityEvent>> = security_events::table
        .filter(security_events::address.is_not_null())
        .filter(security_events::created_at.lt(before))
        .limit(limit)
        .select(security_events::id)
        .load(tx.conn())?;
    Ok(diesel::update(security_events::table.filter(security_events::id.eq_any(old)))
        .set(security_events::address.eq(None::<String>))
        .execute(tx.conn())?)
}

/// Deletes at most `limit` events that happened before a time. Returns how many.
pub fn delete_security_events(tx: &mut Tx<'_>, before: Time, limit: i64) -> Result<usize, Failure> {
    let old: Vec<Id<SecurityEvent>> = security_events::table
        .filter(security_events::created_at.lt(before))
        .limit(limit)
        .select(security_events::id)
        .load(tx.conn())?;
    Ok(diesel::delete(security_events::table.filter(security_events::id.eq_any(old))).execute(tx.conn())?)
}
