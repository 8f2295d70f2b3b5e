//! What people have looked for lately: kept for them, shown to them, and forgotten when its time is over.

use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        app::App,
        caller::Caller,
        clock::Time,
        db::{Conn, Tx},
    },
    searches::{
        error::SearchError,
        model::{MAXIMUM_BATCH, Searched, Told, last_searches},
        queries,
    },
    users::{
        self,
        model::{User, oneself},
    },
};

/// Searches that are deleted by one transaction.
const BATCH: i64 = 5_000;

/// Keeps what the caller has looked for, unless they do not want that.
pub async fn record_searches(app: &App, caller: &Caller, told: Vec<Told>) -> Result<(), SearchError> {
    let user = oneself(caller)?;
    if told.len() > MAXIMUM_BATCH {
        return Err(SearchError::TooManyTold);
    }
    let searches = last_searches(app.now(), told);
    if searches.is_empty() {
        return Ok(());
    }
    let record = move |tx: &mut Tx<'_>| {
        // So it is known whether they want this, and as long as it is being written it does not change.
        users::service::lock_person(tx, user)?.ok_or(Failure::Unauthenticated(None))?;
        if !users::service::preferences_of(tx.conn(), user)?.has_personalization {
            return Ok(());
        }
        queries::put_recent(tx, user, &searches)?;
        queries::trim_recent(tx, user)
    };
    Ok(app.db.write(caller, record).await?)
}

/// What the caller has looked for, the last one first. Empty for who does not want that to be kept.
pub async fn recent_searches(app: &App, caller: &Caller) -> Result<Vec<Searched>, Failure> {
    let (user, since) = (oneself(caller)?, app.now() - app.market.privacy.views_kept);
    let read = move |conn: &mut Conn| {
        let is_wanted = users::service::preferences_of(conn, user)?.has_personalization;
        if is_wanted { queries::recent(conn, user, since) } else { Ok(Vec::new()) }
    };
    app.db.read(read).await
}

/// A step: forgets what somebody, who is locked, has looked for since a time.
///
/// # Errors
/// If the database fails.
pub fn forget_recent(tx: &mut Tx<'_>, user: Id<User>, since: Time) -> Result<(), Failure> {
    queries::delete_recent(tx, user, since)
}

/// Forgets searches whose time is over.
///
/// # Errors
/// If the database fails; what was done before stays done.
pub async fn sweep_recent(app: &App, caller: &Caller) -> Result<(), Failure> {
    let kept = app.market.privacy.views_kept;
    let forget = move |tx: &mut Tx<'_>| {
        let before = tx.now() - kept;
        queries::delete_old_recent(tx, before, BATCH)
    };
    app.db.write_in_batches(caller, forget).await
}
