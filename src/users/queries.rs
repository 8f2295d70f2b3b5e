//! People in Postgres.

mod api_keys;
mod blocks;
mod client_settings;
mod erasure;
mod guesses;
mod handles;
mod identities;
mod passkeys;
mod preferences;
mod recovery;
mod saved_addresses;
mod second_factors;
mod security_events;
mod sessions;
mod signing_keys;
mod staff;
mod suspensions;

use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};

pub use self::{
    api_keys::*, blocks::*, client_settings::*, erasure::*, guesses::*, handles::*, identities::*, passkeys::*,
    preferences::*, recovery::*, saved_addresses::*, second_factors::*, security_events::*, sessions::*,
    signing_keys::*, staff::*, suspensions::*,
};
use uuid::Uuid;

use super::model::{Face, Handle, Role, User, Verification};
use crate::{
    kernel::{error::Failure, id::Id, place::Locale},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{users, verifications},
};

pub fn by_ids(conn: &mut Conn, ids: &[Id<User>]) -> Result<Vec<User>, Failure> {
    Ok(users::table.filter(users::id.eq_any(ids)).select(User::as_select()).load(conn)?)
}

/// Locks the row of a person who is there, which stands for what is theirs alone; with what they are to the market.
pub fn lock_somebody(tx: &mut Tx<'_>, id: Id<User>) -> Result<Option<Role>, Failure> {
    let person = users::table.find(id).filter(users::erased_at.is_null()).select(users::role).for_no_key_update();
    Ok(person.first(tx.conn()).optional()?)
}

/// As [`lock_somebody`], once nobody else is writing a row that names the person.
pub fn lock_leaving(tx: &mut Tx<'_>, id: Id<User>) -> Result<Option<Role>, Failure> {
    let person = users::table.find(id).filter(users::erased_at.is_null()).select(users::role).for_update();
    Ok(person.first(tx.conn()).optional()?)
}

/// By what a person's address is found; none if they have none.
pub fn email_key_of(conn: &mut Conn, id: Id<User>) -> Result<Option<String>, Failure> {
    Ok(users::table.find(id).select(users::email_key).first(conn)?)
}

/// A person who is there.
pub fn somebody(conn: &mut Conn, id: Id<User>) -> Result<Option<User>, Failure> {
    Ok(users::table.find(id).filter(users::erased_at.is_null()).select(User::as_select()).first(conn).optional()?)
}

pub fn faces_by_ids(conn: &mut Conn, ids: &[Id<User>]) -> Result<Vec<Face>, Failure> {
    Ok(users::table.filter(users::id.eq_any(ids)).select(Face::as_select()).load(conn)?)
}

pub fn by_email(conn: &mut Conn, email_key: &str) -> Result<Option<User>, Failure> {
    Ok(users::table
        .filter(users::email_key.eq(email_key))
        .filter(users::erased_at.is_null())
        .select(User::as_select())
        .first(conn)
        .optional()?)
}

#[derive(Insertable)]
#[diesel(table_name = users)]
pub struct NewUser<'a> {
    pub id: Id<User>,
    pub email: Option<&'a str>,
    pub email_key: Option<&'a str>,
    pub password_hash: Option<&'a str>,
    pub display_name: &'a str,
    pub role: Role,
    pub locale: &'a Locale,
    pub is_demo: bool,
    pub created_at: Time,
}

pub fn insert_user(tx: &mut Tx<'_>, user: &NewUser<'_>) -> Result<User, Failure> {
    Ok(diesel::insert_into(users::table).values(user).returning(User::as_returning()).get_result(tx.conn())?)
}

/// Inserts many people at once.
pub fn insert_users(tx: &mut Tx<'_>, people: &[NewUser<'_>]) -> Result<(), Failure> {
    diesel::insert_into(users::table).values(people).execute(tx.conn())?;
    Ok(())
}

pub fn set_profile(
    tx: &mut Tx<'_>,
    id: Id<User>,
    display_name: Option<&str>,
    handle: Option<&Handle>,
    bio: Option<&str>,
) -> Result<User, Failure> {
    let row = diesel::update(users::table.find(id));
    let changes = (
        display_name.map(|name| users::display_name.eq(name)),
        handle.map(|handle| users::handle.eq(handle.as_str())),
        bio.map(|bio| users::bio.eq(bio)),
    );
    Ok(row
        .set((users::version.eq(users::version + 1), changes))
        .returning(User::as_returning())
        .get_result(tx.conn())?)
}

pub fn set_role_of(tx: &mut Tx<'_>, id: Id<User>, role: Role) -> Result<User, Failure> {
    let row = diesel::update(users::table.find(id)).set(users::role.eq(role));
    Ok(row.returning(User::as_returning()).get_result(tx.conn())?)
}

pub fn set_avatar(tx: &mut Tx<'_>, id: Id<User>, avatar: Option<Uuid>) -> Result<(), Failure> {
    diesel::update(users::table.find(id))
        .set((users::version.eq(users::version + 1), users::avatar_id.eq(avatar)))
        .execute(tx.conn())?;
    Ok(())
}

pub fn set_role(tx: &mut Tx<'_>, email_key: &str, role: Role) -> Result<Option<User>, Failure> {
    Ok(diesel::update(users::table.filter(users::email_key.eq(email_key)))
        .set(users::role.eq(role))
        .returning(User::as_returning())
        .get_result(tx.conn())
        .optional()?)
}

pub fn has_demo_people(conn: &mut Conn) -> Result<bool, Failure> {
    let people = users::table.filter(diesel::dsl::sql::<diesel::sql_types::Bool>("is_demo"));
    Ok(diesel::select(diesel::dsl::exists(people)).get_result(conn)?)
}

#[derive(Insertable)]
#[diesel(table_name = verifications)]
pub struct NewVerification<'a> {
    pub id: Id<Verification>,
    pub email: &'a str,
    pub email_key: &'a str,
    pub password_hash: &'a str,
    pub is_confirmable: bool,
    pub display_name: &'a str,
    pub locale: &'a Locale,
    pub sent_count: i32,
    pub sent_at: Time,
    pub expires_at: Time,
    pub created_at: Time,
}

pub fn insert_verification(tx: &mut Tx<'_>, verification: &NewVerification<'_>) -> Result<Verification, Failure> {
    Ok(diesel::insert_into(verifications::table)
        .values(verification)
        .returning(Verification::as_returning())
        .get_result(tx.conn())?)
}

pub fn verification(conn: &mut Conn, id: Id<Verification>) -> Result<Option<Verification>, Failure> {
    Ok(verifications::table.find(id).select(Verification::as_select()).first(conn).optional()?)
}

pub fn lock_verification(tx: &mut Tx<'_>, id: Id<Verification>) -> Result<Option<Verification>, Failure> {
    let row = verifications::table.find(id).select(Verification::as_select()).for_update();
    Ok(row.first(tx.conn()).optional()?)
}

/// The newest verification of an address that a code can still confirm.
pub fn open_verification(conn: &mut Conn, email_key: &str, now: Time) -> Result<Option<Verification>, Failure> {
    Ok(verifications::table
        .filter(verifications::email_key.eq(email_key))
        .filter(verifications::password_hash.is_not_null())
        .filter(verifications::confirmed_at.is_null())
        .filter(verifications::expires_at.gt(now))
        .order(verifications::created_at.desc())
        .select(Verification::as_select())
        .first(conn)
        .optional()?)
}

/// Keeps others who ask for mail to an address waiting until this transaction ends, so that their number can be bounded.
pub fn lock_address(tx: &mut Tx<'_>, email_key: &str) -> Result<(), Failure> {
    tx.lock_name(&format!("sign-up {email_key}"))
}

/// How many verifications of an address there are since a time, and how many mails they caused.
pub fn count_verifications(conn: &mut Conn, email_key: &str, since: Time) -> Result<(i64, i64), Failure> {
    let counts = (diesel::dsl::count_star(), diesel::dsl::sum(verifications::sent_count));
    let (rows, mails): (i64, Option<i64>) = verifications::table
        .filter(verifications::email_key.eq(email_key))
        .filter(verifications::created_at.gt(since))
        .select(counts)
        .first(conn)?;
    Ok((rows, mails.unwrap_or(0)))
}

pub fn set_attempted(tx: &mut Tx<'_>, id: Id<Verification>) -> Result<(), Failure> {
    let row = diesel::update(verifications::table.find(id));
    row.set(verifications::attempts.eq(verifications::attempts + 1)).execute(tx.conn())?;
    Ok(())
}

pub fn set_confirmed(tx: &mut Tx<'_>, id: Id<Verification>, now: Time) -> Result<(), Failure> {
    let row = diesel::update(verifications::table.find(id));
    row.set((verifications::confirmed_at.eq(now), verifications::password_hash.eq(None::<String>)))
        .execute(tx.conn())?;
    Ok(())
}

pub fn set_sent_again(tx: &mut Tx<'_>, id: Id<Verification>, now: Time) -> Result<Verification, Failure> {
    Ok(diesel::update(verifications::table.find(id))
        .set((verifications::sent_count.eq(verifications::sent_count + 1), verifications::sent_at.eq(now)))
        .returning(Verification::as_returning())
        .get_result(tx.conn())?)
}

/// Deletes at most `limit` verifications that expired before a time. Returns how many.
pub fn delete_verifications(tx: &mut Tx<'_>, expired_before: Time, limit: i64) -> Result<usize, Failure> {
    let expired: Vec<Id<Verification>> = verifications::table
        .filter(verifications::expires_at.lt(expired_before))
        .limit(limit)
        .select(verifications::id)
        .load(tx.conn())?;
    Ok(diesel::delete(verifications::table.filter(verifications::id.eq_any(expired))).execute(tx.conn())?)
}

/// Keeps a person's row as it is for as long as the transaction runs.
pub fn share_user(tx: &mut Tx<'_>, id: Id<User>) -> Result<(), Failure> {
    users::table.find(id).select(users::id).for_share().first::<Id<User>>(tx.conn())?;
    Ok(())
}

/// Locks people's rows, in the order of their ids.
pub fn lock_users(tx: &mut Tx<'_>, ids: &[Id<User>]) -> Result<Vec<User>, Failure> {
    let rows = users::table.filter(users::id.eq_any(ids)).order(users::id).select(User::as_select());
    Ok(rows.for_no_key_update().load(tx.conn())?)
}

/// Locks a person's row, which stands for what is theirs alone: profile, preferences, password and address. Rows that only
/// name the person come and go meanwhile.
pub fn lock_user(tx: &mut Tx<'_>, id: Id<User>) -> Result<User, Failure> {
    Ok(users::table.find(id).select(User::as_select()).for_no_key_update().first(tx.conn())?)
}
