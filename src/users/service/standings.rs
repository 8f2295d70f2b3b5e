//! How each process hears of changes of sessions.

use std::time::{Duration, Instant};

use crate::users::queries;
use crate::{
    kernel::error::Failure,
    platform::{app::App, standings},
};

/// How often changes of sessions are asked for.
const CHANGES_EVERY: Duration = Duration::from_millis(250);
/// How often it is looked whether another key signs, in times of the former.
const KEYS_EVERY: u32 = 20;

/// Hears of changes of sessions, and of other signing keys, until the task is aborted.
pub async fn follow_sessions(app: App) {
    let mut has_failed = false;
    for round in (0..KEYS_EVERY).cycle() {
        let mut heard = hear_of_sessions(&app).await;
        if round == 0 {
            heard = heard.and(super::load_signing_keys(&app).await);
        }
        if let Err(error) = &heard
            && !has_failed
        {
            tracing::warn!(%error, "changes of sessions could not be read");
        }
        has_failed = heard.is_err();
        tokio::time::sleep(CHANGES_EVERY).await;
    }
}

/// Hears of the latest changes of sessions.
///
/// # Errors
/// If the database fails.
pub async fn hear_of_sessions(app: &App) -> Result<(), Failure> {
    let asked_at = Instant::now();
    let limit = i64::try_from(standings::MOST).map_err(Failure::internal)?;
    let since = app.standings.heard_until();
    let (until, changes) = app.db.read_apart(move |conn| queries::changed_sessions(conn, since, limit)).await?;
    app.standings.note(changes, asked_at, until);
    Ok(())
}
