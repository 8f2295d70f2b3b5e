//! What sessions are good for, as each process knows it.

use std::time::{Duration, Instant};

use crate::users::queries;
use crate::{
    kernel::error::Failure,
    platform::{
        app::App,
        caller::SignedIn,
        standings::{self, Standing},
    },
};

/// What a person's session is good for: known here, or looked up.
///
/// # Errors
/// [`Failure::Unavailable`] where nothing was heard of changes for a while: then nobody's session can be believed to go on.
pub async fn standing(app: &App, person: SignedIn) -> Result<Standing, Failure> {
    if !app.standings.are_current() {
        return Err(Failure::Unavailable);
    }
    if let Some(standing) = app.standings.get(person.session) {
        app.metrics().standings.hits.inc();
        return Ok(standing);
    }
    app.metrics().standings.misses.inc();
    let (version, now) = (app.standings.version(), app.now());
    let found = app.db.read(move |conn| queries::session_and_role(conn, person.session)).await?;
    let found = found.filter(|(session, _)| session.is_live(now) && session.user_id.uuid() == person.user);
    let standing = found.map_or(Standing::Over, |(_, role)| Standing::GoesOn(role.staff()));
    app.standings.keep(person.session, standing, version);
    Ok(standing)
}

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
