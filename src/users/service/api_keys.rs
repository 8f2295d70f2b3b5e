//! Keys of machines: made by the operator, told once, looked up at most once a second.

use chrono::TimeDelta;

use super::{name, step_up::require_recent};
use crate::users::{
    error::AccountError,
    model::{ApiKey, KeyState},
    queries::{self, NewApiKey},
};
use crate::{
    kernel::{
        error::{Failure, TokenFault},
        id::Id,
        page::{Page, Slice},
    },
    platform::{
        app::{App, KeyStanding},
        caller::{self, Caller, Request, Scope, Who},
        clock::Time,
        crypto::{hash_api_key, hash_token, new_api_key},
    },
};

/// What the look-up of a key costs the address that shows it, unless it is a good one: else a flood of made-up keys would be
/// a statement each. One that was good before is looked up for nothing.
const LOOKUP_COST: u64 = 10;

/// Makes a key. Returns it with the text that it is known by, which is stored nowhere. `lifetime` without end if none.
pub async fn add_api_key(
    app: &App,
    caller: &Caller,
    name_given: &str,
    scopes: Vec<Scope>,
    lifetime: Option<TimeDelta>,
) -> Result<(ApiKey, String), AccountError> {
    let name = name("name", name_given)?;
    if scopes.is_empty() {
        return Err(AccountError::NoScope);
    }
    if lifetime.is_some_and(|lifetime| !(1..=ApiKey::MAXIMUM_DAYS).contains(&lifetime.num_days())) {
        return Err(AccountError::Lifetime);
    }
    let token = new_api_key(&app.generator);
    let hash = hash_token(&token);
    let key = app
        .db
        .write(caller, move |tx| {
            require_recent(tx)?;
            let now = tx.now();
            let key = NewApiKey {
                id: tx.new_id(),
                name: &name,
                token_hash: &hash,
                scopes: scopes.iter().map(|scope| scope.as_str()).collect(),
                created_at: now,
                expires_at: lifetime.map(|lifetime| now + lifetime),
            };
            Ok::<_, AccountError>(queries::insert_api_key(tx, &key)?)
        })
        .await?;
    Ok((key, token))
}

/// A page of keys, newest first, also of those that are no good any more.
pub async fn api_keys(app: &App, page: Page<Id<ApiKey>>) -> Result<Slice<ApiKey>, Failure> {
    app.db.read(move |conn| queries::api_keys(conn, &page)).await
}

/// How many keys there are, counted no further than `limit`.
pub async fn count_api_keys(app: &App, limit: i64) -> Result<i64, Failure> {
    app.db.read(move |conn| queries::count_api_keys(conn, limit)).await
}

/// Ends a key that has not been ended before.
pub async fn revoke_api_key(app: &App, caller: &Caller, id: Id<ApiKey>) -> Result<ApiKey, AccountError> {
    app.db
        .write(caller, move |tx| {
            let now = tx.now();
            queries::set_revoked(tx, id, now)?.ok_or(AccountError::NoSuchKey)
        })
        .await
}

/// The machine that a key stands for. A key that is no good is never a guest.
pub(super) async fn authenticate_key(app: &App, request: &Request, token: &str) -> Result<Who, Failure> {
    let hash = hash_api_key(token).ok_or(Failure::Unauthenticated(Some(TokenFault::Invalid)))?;
    if !app.good_keys.contains_key(&hash) && !app.key_standings.contains_key(&hash) {
        let guest = Caller { who: Who::Guest, request: request.clone().into() };
        let charge = app.buckets.charge(&guest, LOOKUP_COST).await?;
        if key_standing(app, hash).await?.is_ok() {
            app.buckets.settle(charge, 0);
        }
    }
    let KeyStanding { key, scopes, .. } =
        key_standing(app, hash).await?.map_err(|fault| Failure::Unauthenticated(Some(fault)))?;
    Ok(Who::ApiKey(caller::ApiKey { key, hash, scopes, buyer: None }))
}

/// What the key with this hash is good for, or why it is not; looked up at most once a second per process.
pub async fn key_standing(app: &App, hash: [u8; 32]) -> Result<Result<KeyStanding, TokenFault>, Failure> {
    let now = app.now();
    let standing = match app.key_standings.get(&hash) {
        Some(standing) => standing,
        None => look_up(app, hash).await?,
    };
    let is_over = |standing: &KeyStanding| standing.expires_at.is_some_and(|end| end <= now);
    Ok(standing.and_then(|standing| if is_over(&standing) { Err(TokenFault::Expired) } else { Ok(standing) }))
}

async fn look_up(app: &App, hash: [u8; 32]) -> Result<Result<KeyStanding, TokenFault>, Failure> {
    let now = app.now();
    let found = app.db.read(move |conn| queries::api_key_by_hash(conn, &hash)).await?;
    let standing = match found {
        None => Err(TokenFault::Invalid),
        Some(key) => match key.state(now) {
            KeyState::Revoked => Err(TokenFault::Revoked),
            KeyState::Expired => Err(TokenFault::Expired),
            KeyState::Good => {
                if key.was_idle(now) {
                    note_use(app, key.id, now);
                }
                Ok(KeyStanding { key: key.id.uuid(), scopes: key.scopes(), expires_at: key.expires_at })
            }
        },
    };
    if standing.is_ok() {
        app.good_keys.insert(hash, ());
    } else {
        app.good_keys.invalidate(&hash);
    }
    app.key_standings.insert(hash, standing);
    Ok(standing)
}

/// Writes down that a key is in use, beside the request: nobody waits for it, and a minute later it is tried again.
fn note_use(app: &App, key: Id<ApiKey>, now: Time) {
    let app = app.clone();
    tokio::spawn(async move {
        let noted = app.db.write(&Caller::system(), move |tx| queries::set_used(tx, key, now)).await;
        if let Err(error) = noted {
            tracing::warn!(%error, %key, "the use of an API key could not be noted");
        }
    });
}
