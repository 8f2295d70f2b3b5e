//! Accounts at other places in Postgres, and who is expected back from there.

use data_encoding::HEXLOWER;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, OptionalExtension, PgExpressionMethods, QueryDsl,
    RunQueryDsl, SelectableHelper,
};

use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{identities, provider_flows, users, verifications},
    users::model::{Identity, ProviderFlow, User},
};

#[derive(Insertable)]
#[diesel(table_name = provider_flows)]
pub struct NewProviderFlow<'a> {
    pub id: Id<ProviderFlow>,
    pub provider: &'a str,
    pub user_id: Option<Id<User>>,
    pub return_to: &'a str,
    pub binding_hash: &'a [u8],
    pub sealed_verifier: &'a [u8],
    pub line_key: &'a [u8],
    pub expires_at: Time,
}

pub fn insert_provider_flow(tx: &mut Tx<'_>, flow: &NewProviderFlow<'_>) -> Result<(), Failure> {
    diesel::insert_into(provider_flows::table).values(flow).execute(tx.conn())?;
    Ok(())
}

pub fn provider_flow(conn: &mut Conn, id: Id<ProviderFlow>) -> Result<Option<ProviderFlow>, Failure> {
    Ok(provider_flows::table.find(id).select(ProviderFlow::as_select()).first(conn).optional()?)
}

/// Keeps others on the same line waiting until this transaction ends, so that the number of their flows can be bounded.
pub fn lock_flows_of_line(tx: &mut Tx<'_>, line_key: &[u8]) -> Result<(), Failure> {
    tx.lock_name(&format!("provider-flows {}", HEXLOWER.encode(line_key)))
}

/// When the flows of a line that are open expire, the next one first; at most `limit`.
pub fn open_provider_flows(conn: &mut Conn, line_key: &[u8], now: Time, limit: i64) -> Result<Vec<Time>, Failure> {
    Ok(provider_flows::table
        .filter(provider_flows::line_key.eq(line_key))
        .filter(provider_flows::used_at.is_null())
        .filter(provider_flows::expires_at.gt(now))
        .order(provider_flows::expires_at)
        .limit(limit)
        .select(provider_flows::expires_at)
        .load(conn)?)
}

/// Uses a flow up. None if it is not open, was begun by somebody else, or is for another purpose.
pub fn set_provider_flow_used(
    tx: &mut Tx<'_>,
    id: Id<ProviderFlow>,
    binding_hash: &[u8],
    user: Option<Id<User>>,
    now: Time,
) -> Result<Option<ProviderFlow>, Failure> {
    let open = provider_flows::used_at.is_null().and(provider_flows::expires_at.gt(now));
    let row = provider_flows::table.find(id).filter(open).filter(provider_flows::binding_hash.eq(binding_hash));
    Ok(diesel::update(row.filter(provider_flows::user_id.is_not_distinct_from(user)))
        .set(provider_flows::used_at.eq(now))
        .returning(ProviderFlow::as_returning())
        .get_result(tx.conn())
        .optional()?)
}

/// Deletes at most `limit` flows that expired before a time. Returns how many.
pub fn delete_provider_flows(tx: &mut Tx<'_>, expired_before: Time, limit: i64) -> Result<usize, Failure> {
    let expired: Vec<Id<ProviderFlow>> = provider_flows::table
        .filter(provider_flows::expires_at.lt(expired_before))
        .limit(limit)
        .select(provider_flows::id)
        .load(tx.conn())?;
    Ok(diesel::delete(provider_flows::table.filter(provider_flows::id.eq_any(expired))).execute(tx.conn())?)
}

#[derive(Insertable)]
#[diesel(table_name = identities)]
pub struct NewIdentity<'a> {
    pub id: Id<Identity>,
    pub user_id: Id<User>,
    pub issuer: &'a str,
    pub subject: &'a str,
    pub email: Option<&'a str>,
    pub created_at: Time,
    pub last_used_at: Time,
}

pub fn insert_identity(tx: &mut Tx<'_>, identity: &NewIdentity<'_>) -> Result<Identity, Failure> {
    Ok(diesel::insert_into(identities::table)
        .values(identity)
        .returning(Identity::as_returning())
        .get_result(tx.conn())?)
}

/// Whose account at a provider this is, if they are not gone.
pub fn identity_by_subject(conn: &mut Conn, issuer: &str, subject: &str) -> Result<Option<Identity>, Failure> {
    Ok(identities::table
        .inner_join(users::table.on(users::id.eq(identities::user_id)))
        .filter(identities::issuer.eq(issuer))
        .filter(identities::subject.eq(subject))
        .filter(users::erased_at.is_null())
        .select(Identity::as_select())
        .first(conn)
        .optional()?)
}

/// Notes that somebody signs in by an identity. False if it is not theirs any more.
pub fn set_identity_used(tx: &mut Tx<'_>, identity: &Identity, now: Time) -> Result<bool, Failure> {
    let row = identities::table.find(identity.id).filter(identities::user_id.eq(identity.user_id));
    Ok(diesel::update(row).set(identities::last_used_at.eq(now)).execute(tx.conn())? == 1)
}

/// A person's accounts at other places, the oldest first.
pub fn identities_of(conn: &mut Conn, user: Id<User>) -> Result<Vec<Identity>, Failure> {
    Ok(identities::table
        .filter(identities::user_id.eq(user))
        .order(identities::id)
        .limit(Identity::MAXIMUM)
        .select(Identity::as_select())
        .load(conn)?)
}

/// Deletes an identity of somebody. None if it is not theirs.
pub fn delete_identity(tx: &mut Tx<'_>, user: Id<User>, id: Id<Identity>) -> Result<Option<Identity>, Failure> {
    Ok(diesel::delete(identities::table.find(id))
        .filter(identities::user_id.eq(user))
        .returning(Identity::as_returning())
        .get_result(tx.conn())
        .optional()?)
}

/// Has no sign-up of an address be confirmed any more.
pub fn set_verifications_over(tx: &mut Tx<'_>, email_key: &str, now: Time) -> Result<(), Failure> {
    diesel::update(verifications::table.filter(verifications::email_key.eq(email_key)))
        .filter(verifications::confirmed_at.is_null())
        .filter(verifications::expires_at.gt(now))
        .set(verifications::expires_at.eq(now))
        .execute(tx.conn())?;
    Ok(())
}
