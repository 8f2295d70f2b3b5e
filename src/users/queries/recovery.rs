//! Resets and changes of addresses in Postgres.

use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};

use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{email_changes, password_resets, users},
    users::model::{EmailChange, PasswordReset, User},
};

#[derive(Insertable)]
#[diesel(table_name = password_resets)]
pub struct NewPasswordReset<'a> {
    pub id: Id<PasswordReset>,
    pub user_id: Option<Id<User>>,
    pub email_key: &'a str,
    pub expires_at: Time,
    pub created_at: Time,
}

pub fn insert_password_reset(tx: &mut Tx<'_>, reset: &NewPasswordReset<'_>) -> Result<(), Failure> {
    diesel::insert_into(password_resets::table).values(reset).execute(tx.conn())?;
    Ok(())
}

/// How many resets of an address were asked for since a time.
pub fn count_password_resets(conn: &mut Conn, email_key: &str, since: Time) -> Result<i64, Failure> {
    Ok(password_resets::table
        .filter(password_resets::email_key.eq(email_key))
        .filter(password_resets::created_at.gt(since))
        .count()
        .get_result(conn)?)
}

pub fn password_reset(conn: &mut Conn, id: Id<PasswordReset>) -> Result<Option<PasswordReset>, Failure> {
    Ok(password_resets::table.find(id).select(PasswordReset::as_select()).first(conn).optional()?)
}

pub fn lock_password_reset(tx: &mut Tx<'_>, id: Id<PasswordReset>) -> Result<Option<PasswordReset>, Failure> {
    let row = password_resets::table.find(id).select(PasswordReset::as_select()).for_update();
    Ok(row.first(tx.conn()).optional()?)
}

/// Uses up all resets of a person.
pub fn set_password_resets_used(tx: &mut Tx<'_>, user: Id<User>, now: Time) -> Result<(), Failure> {
    diesel::update(password_resets::table.filter(password_resets::user_id.eq(user)))
        .filter(password_resets::used_at.is_null())
        .set(password_resets::used_at.eq(now))
        .execute(tx.conn())?;
    Ok(())
}

/// Deletes at most `limit` resets that expired before a time. Returns how many.
pub fn delete_password_resets(tx: &mut Tx<'_>, expired_before: Time, limit: i64) -> Result<usize, Failure> {
    let expired: Vec<Id<PasswordReset>> = password_resets::table
        .filter(password_resets::expires_at.lt(expired_before))
        .limit(limit)
        .select(password_resets::id)
        .load(tx.conn())?;
    Ok(diesel::delete(password_resets::table.filter(password_resets::id.eq_any(expired))).execute(tx.conn())?)
}

pub fn set_password(tx: &mut Tx<'_>, id: Id<User>, password_hash: &str) -> Result<(), Failure> {
    diesel::update(users::table.find(id)).set(users::password_hash.eq(password_hash)).execute(tx.conn())?;
    Ok(())
}

pub fn set_email(tx: &mut Tx<'_>, id: Id<User>, email: &str, email_key: &str) -> Result<(), Failure> {
    diesel::update(users::table.find(id))
        .set((users::email.eq(email), users::email_key.eq(email_key)))
        .execute(tx.conn())?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = email_changes)]
pub struct NewEmailChange<'a> {
    pub id: Id<EmailChange>,
    pub user_id: Id<User>,
    pub email: &'a str,
    pub email_key: &'a str,
    pub old_email: &'a str,
    pub is_confirmable: bool,
    pub expires_at: Time,
    pub created_at: Time,
}

pub fn insert_email_change(tx: &mut Tx<'_>, change: &NewEmailChange<'_>) -> Result<EmailChange, Failure> {
    Ok(diesel::insert_into(email_changes::table)
        .values(change)
        .returning(EmailChange::as_returning())
        .get_result(tx.conn())?)
}

/// How many changes were asked for.
pub struct AskedEmailChanges {
    pub by_person: i64,
    pub for_address: i64,
    pub by_person_for_address: i64,
}

/// How many changes were asked for since a time, by a person and for an address.
pub fn count_email_changes(
    conn: &mut Conn,
    user: Id<User>,
    email_key: &str,
    since: Time,
) -> Result<AskedEmailChanges, Failure> {
    let lately = || email_changes::table.filter(email_changes::created_at.gt(since));
    let by_person = || lately().filter(email_changes::user_id.eq(user));
    let is_address = email_changes::email_key.eq(email_key);
    Ok(AskedEmailChanges {
        by_person: by_person().count().get_result(conn)?,
        for_address: lately().filter(is_address).count().get_result(conn)?,
        by_person_for_address: by_person().filter(is_address).count().get_result(conn)?,
    })
}

/// Has no open change of a person be confirmed any more.
pub fn set_email_changes_over(tx: &mut Tx<'_>, user: Id<User>, now: Time) -> Result<(), Failure> {
    diesel::update(email_changes::table.filter(email_changes::user_id.eq(user)))
        .filter(email_changes::confirmed_at.is_null())
        .filter(email_changes::expires_at.gt(now))
        .set(email_changes::expires_at.eq(now))
        .execute(tx.conn())?;
    Ok(())
}

pub fn email_change(conn: &mut Conn, id: Id<EmailChange>) -> Result<Option<EmailChange>, Failure> {
    Ok(email_changes::table.find(id).select(EmailChange::as_select()).first(conn).optional()?)
}

pub fn lock_email_change(tx: &mut Tx<'_>, id: Id<EmailChange>) -> Result<Option<EmailChange>, Failure> {
    let row = email_changes::table.find(id).select(EmailChange::as_select()).for_update();
    Ok(row.first(tx.conn()).optional()?)
}

pub fn set_email_change_attempted(tx: &mut Tx<'_>, id: Id<EmailChange>) -> Result<(), Failure> {
    let row = diesel::update(email_changes::table.find(id));
    row.set(email_changes::attempts.eq(email_changes::attempts + 1)).execute(tx.conn())?;
    Ok(())
}

pub fn set_email_change_confirmed(tx: &mut Tx<'_>, id: Id<EmailChange>, now: Time) -> Result<(), Failure> {
    let row = diesel::update(email_changes::table.find(id));
    row.set(email_changes::confirmed_at.eq(now)).execute(tx.conn())?;
    Ok(())
}

/// Deletes at most `limit` changes that expired before a time. Returns how many.
pub fn delete_email_changes(tx: &mut Tx<'_>, expired_before: Time, limit: i64) -> Result<usize, Failure> {
    let expired: Vec<Id<EmailChange>> = email_changes::table
        .filter(email_changes::expires_at.lt(expired_before))
        .limit(limit)
        .select(email_changes::id)
        .load(tx.conn())?;
    Ok(diesel::delete(email_changes::table.filter(email_changes::id.eq_any(expired))).execute(tx.conn())?)
}
