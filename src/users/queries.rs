//! People in Postgres.

mod api_keys;

use diesel::{
    ExpressionMethods, Insertable, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl,
    SelectableHelper,
    dsl::{Eq, sql},
    expression::SqlLiteral,
    sql_types::{Nullable, Timestamptz},
    upsert::excluded,
};
use uuid::Uuid;

pub use self::api_keys::*;
use super::model::{Face, Preferences, Role, Session, SessionEnd, Theme, User, Verification};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::CurrencyCode,
        place::{CountryCode, Locale},
    },
    platform::{
        clock::Time,
        crypto::SealedKey,
        db::{Conn, Tx},
    },
    schema::{preferences, sessions, signing_keys, users, verifications},
};

pub fn by_ids(conn: &mut Conn, ids: &[Id<User>]) -> Result<Vec<User>, Failure> {
    Ok(users::table.filter(users::id.eq_any(ids)).select(User::as_select()).load(conn)?)
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
    bio: Option<&str>,
) -> Result<User, Failure> {
    let row = diesel::update(users::table.find(id));
    let changes = (display_name.map(|name| users::display_name.eq(name)), bio.map(|bio| users::bio.eq(bio)));
    Ok(row
        .set((users::version.eq(users::version + 1), changes))
        .returning(User::as_returning())
        .get_result(tx.conn())?)
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

/// Keeps other sign-ups of an address waiting until this transaction ends, so that their number can be bounded.
pub fn lock_address(tx: &mut Tx<'_>, email_key: &str) -> Result<(), Failure> {
    diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended('sign-up ' || $1, 0))")
        .bind::<diesel::sql_types::Text, _>(email_key)
        .execute(tx.conn())?;
    Ok(())
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

/// Ends all of a person's sessions but one. Returns those that went on until now.
pub fn set_others_revoked(
    tx: &mut Tx<'_>,
    user: Id<User>,
    kept: Id<Session>,
    now: Time,
) -> Result<Vec<Session>, Failure> {
    Ok(diesel::update(sessions::table)
        .filter(sessions::user_id.eq(user))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::id.ne(kept))
        .set(ending(now, SessionEnd::Revoked))
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

/// Has every process look up a person's sessions again.
pub fn set_sessions_changed(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    diesel::update(sessions::table.filter(sessions::user_id.eq(user)).filter(sessions::ended_at.is_null()))
        .set(sessions::changed_at.eq(database_clock()))
        .execute(tx.conn())?;
    Ok(())
}

/// The sessions that changed in the last two minutes, and when; the latest first. A transaction that takes longer than that
/// would not be heard of: each of its statements is cancelled long before.
pub fn changed_sessions(conn: &mut Conn, limit: i64) -> Result<Vec<(Uuid, Time)>, Failure> {
    let since = sql::<Nullable<Timestamptz>>("clock_timestamp() - interval '2 minutes'");
    Ok(sessions::table
        .filter(sessions::changed_at.gt(since))
        .order(sessions::changed_at.desc())
        .limit(limit)
        .select((sessions::id, sessions::changed_at.assume_not_null()))
        .load(conn)?)
}

/// What Postgres' clock says, not when the transaction began.
fn database_clock() -> SqlLiteral<Nullable<Timestamptz>> {
    sql("clock_timestamp()")
}

pub fn preferences_of(conn: &mut Conn, user: Id<User>) -> Result<Preferences, Failure> {
    let row = preferences::table.find(user).select(Preferences::as_select()).first(conn).optional()?;
    Ok(row.unwrap_or_default())
}

#[derive(Insertable)]
#[diesel(table_name = preferences)]
pub struct StoredPreferences {
    pub user_id: Id<User>,
    pub locale: Option<Locale>,
    pub currency: Option<CurrencyCode>,
    pub country: Option<CountryCode>,
    pub theme: Theme,
    pub notifications: serde_json::Value,
}

pub fn set_preferences(tx: &mut Tx<'_>, row: &StoredPreferences) -> Result<(), Failure> {
    diesel::insert_into(preferences::table)
        .values(row)
        .on_conflict(preferences::user_id)
        .do_update()
        .set((
            preferences::locale.eq(excluded(preferences::locale)),
            preferences::currency.eq(excluded(preferences::currency)),
            preferences::country.eq(excluded(preferences::country)),
            preferences::theme.eq(excluded(preferences::theme)),
            preferences::notifications.eq(excluded(preferences::notifications)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// The keys that sign and verify access tokens, newest first.
pub fn signing_keys(conn: &mut Conn) -> Result<Vec<SealedKey>, Failure> {
    let columns = (signing_keys::id, signing_keys::public_key, signing_keys::sealed_key);
    let rows: Vec<(String, Vec<u8>, Vec<u8>)> =
        signing_keys::table.order(signing_keys::created_at.desc()).limit(16).select(columns).load(conn)?;
    Ok(rows.into_iter().map(|(id, public_key, sealed_key)| SealedKey { id, public_key, sealed_key }).collect())
}

pub fn insert_signing_key(tx: &mut Tx<'_>, key: &SealedKey) -> Result<(), Failure> {
    let now = tx.now();
    diesel::insert_into(signing_keys::table)
        .values((
            signing_keys::id.eq(&key.id),
            signing_keys::public_key.eq(&key.public_key),
            signing_keys::sealed_key.eq(&key.sealed_key),
            signing_keys::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Keeps other processes from making a first signing key at the same time.
pub fn lock_signing_keys(tx: &mut Tx<'_>) -> Result<(), Failure> {
    diesel::sql_query("LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE").execute(tx.conn())?;
    Ok(())
}

/// Locks a person's row, which stands for what is theirs alone: profile and preferences.
pub fn lock_user(tx: &mut Tx<'_>, id: Id<User>) -> Result<User, Failure> {
    Ok(users::table.find(id).select(User::as_select()).for_update().first(tx.conn())?)
}
