//! Operations that never act twice.
//!
//! A key is claimed in the same transaction as its effect, and what is stored is the *outcome* as data (ids, or the
//! refusal), never response text or a secret. The effect runs in a savepoint, so that a refusal rolls it back and is
//! still stored. A failure stores nothing: the client tries again with the same key.

use std::time::Duration;

use chrono::TimeDelta;
use diesel::{ExpressionMethods, Insertable, QueryDsl, RunQueryDsl};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::sync::OwnedMutexGuard;

use super::{
    caller::Caller,
    clock::Time,
    db::{Conn, Db, Tx},
    telemetry,
    turns::Turns,
};
use crate::{
    kernel::error::{DomainError, Failure, KeyReused},
    schema::idempotency_keys,
};

/// How long a twin in the same process waits for the first one.
const TWIN_PATIENCE: Duration = Duration::from_secs(20);

/// How long an outcome is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retention {
    /// At least a day.
    Day,
    /// Thirty days: where money moves.
    Month,
}

impl Retention {
    fn days(self) -> TimeDelta {
        TimeDelta::days(match self {
            Self::Day => 1,
            Self::Month => 30,
        })
    }
}

/// A key as a client sent it, with what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    scope: String,
    operation: &'static str,
    name: String,
    input_hash: [u8; 32],
    retention: Retention,
}

impl Key {
    /// A client's key, in the scope of the person (or the token) that sent it and of one operation. `input` is what the
    /// operation was asked to do, without the key, and without secrets.
    ///
    /// # Errors
    /// [`Failure::BadUserInput`] if the key is not 1 to 255 characters long.
    pub fn new(
        scope: &impl ToString,
        operation: &'static str,
        key: &str,
        input: &impl Serialize,
        retention: Retention,
    ) -> Result<Self, Failure> {
        if key.is_empty() || key.chars().nth(255).is_some() || key.contains('\0') {
            return Err(Failure::BadUserInput("an idempotencyKey has 1 to 255 characters".into()));
        }
        let input = serde_json::to_vec(input).map_err(Failure::internal)?;
        Ok(Self {
            scope: scope.to_string(),
            operation,
            name: key.into(),
            input_hash: Sha256::digest(input).into(),
            retention,
        })
    }
}

/// Keys being worked on in this process: a twin waits here, without a thread or a connection.
#[derive(Debug, Default)]
pub struct InFlight(Turns<(String, String)>);

impl InFlight {
    async fn enter(&self, key: &Key) -> Result<OwnedMutexGuard<()>, Failure> {
        let name = (format!("{}/{}", key.scope, key.operation), key.name.clone());
        self.0.take(name, TWIN_PATIENCE).await.ok_or(Failure::ConflictInProgress)
    }
}

#[derive(Insertable)]
#[diesel(table_name = idempotency_keys)]
struct NewKey<'a> {
    scope: &'a str,
    operation: &'a str,
    key: &'a str,
    input_hash: &'a [u8],
    created_at: Time,
    expires_at: Time,
}

/// Whether an outcome is new, or was told before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    First,
    Again,
}

/// Runs a transaction at most once per key; a repeat gets the first outcome. Without a key it simply runs.
///
/// # Errors
/// What the closure returned now or the first time; [`KeyReused`] when the input is another one;
/// [`Failure::ConflictInProgress`] when a twin takes too long.
pub async fn once<T, E, F>(
    db: &Db,
    in_flight: &InFlight,
    caller: &Caller,
    key: Option<Key>,
    mut effect: F,
) -> Result<(T, Turn), E>
where
    F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    T: Serialize + DeserializeOwned + Send + 'static,
    E: DomainError,
{
    let Some(key) = key else { return Ok((db.write(caller, effect).await?, Turn::First)) };
    let _turn = in_flight.enter(&key).await?;
    let (outcome, turn) = db.write(caller, move |tx| claimed(tx, &key, &mut effect)).await?;
    if turn == Turn::Again {
        telemetry::note_replay();
    }
    outcome.map(|value| (value, turn))
}

/// The outcome, and whether it is an earlier one. A failure is this function's own error, so that it rolls back all.
fn claimed<T, E>(
    tx: &mut Tx<'_>,
    key: &Key,
    effect: &mut impl FnMut(&mut Tx<'_>) -> Result<T, E>,
) -> Result<(Result<T, E>, Turn), E>
where
    T: Serialize + DeserializeOwned,
    E: DomainError,
{
    let now = tx.now();
    let row = NewKey {
        scope: &key.scope,
        operation: key.operation,
        key: &key.name,
        input_hash: &key.input_hash,
        created_at: now,
        expires_at: now + key.retention.days(),
    };
    let is_first = diesel::insert_into(idempotency_keys::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(tx.conn())
        .map_err(Failure::from)?
        == 1;
    let place = (key.scope.as_str(), key.operation, key.name.as_str());
    if !is_first {
        let (input_hash, outcome): (Vec<u8>, Option<Value>) = idempotency_keys::table
            .find(place)
            .select((idempotency_keys::input_hash, idempotency_keys::outcome))
            .first(tx.conn())
            .map_err(Failure::from)?;
        if input_hash != key.input_hash {
            return Ok((Err(KeyReused.into()), Turn::First));
        }
        let outcome: Result<T, E> =
            serde_json::from_value(outcome.ok_or(Failure::ConflictInProgress)?).map_err(Failure::internal)?;
        return Ok((outcome, Turn::Again));
    }
    let outcome = tx.savepoint(|tx| effect(tx));
    if outcome.as_ref().is_err_and(|error| error.failure().is_some() || error.is_for_now()) {
        return outcome.map(|value| (Ok(value), Turn::First));
    }
    let stored = serde_json::to_value(&outcome).map_err(Failure::internal)?;
    diesel::update(idempotency_keys::table.find(place))
        .set(idempotency_keys::outcome.eq(stored))
        .execute(tx.conn())
        .map_err(Failure::from)?;
    Ok((outcome, Turn::First))
}

/// Whether a key is claimed already, by whatever input, as it looks just now: [`once`] decides.
///
/// # Errors
/// If the database fails.
pub fn is_claimed(conn: &mut Conn, key: &Key) -> Result<bool, Failure> {
    let place = (key.scope.as_str(), key.operation, key.name.as_str());
    Ok(diesel::select(diesel::dsl::exists(idempotency_keys::table.find(place))).get_result(conn)?)
}

/// Forgets outcomes whose time is over, a bounded number at once. Returns how many.
///
/// # Errors
/// If the database fails.
pub fn forget_expired(tx: &mut Tx<'_>, limit: i64) -> Result<usize, Failure> {
    use diesel::sql_types::{BigInt, Timestamptz};
    let now = tx.now();
    Ok(diesel::sql_query(
        "DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(SELECT ctid FROM idempotency_keys WHERE expires_at < $1 LIMIT $2))",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(limit)
    .execute(tx.conn())?)
}
