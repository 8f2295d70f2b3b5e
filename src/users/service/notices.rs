//! Whom to tell of something by mail, and declining it.

use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        app::App,
        caller::Caller,
        clock::Time,
        db::{Conn, Tx},
        jobs::JobBody,
        links::UNSUBSCRIBE_PAGE,
    },
    users::{
        error::AccountError,
        model::{Addressee, NotificationChannel, NotificationKind, Preferences, User},
        queries,
    },
};

use super::{
    people::addressee,
    profile::{PreferencesChange, change_preferences},
};

/// Who is told of something by mail, and from when on: their quiet hours are waited for.
pub struct Reader {
    pub person: Addressee,
    pub not_before: Option<Time>,
}

/// A step: what somebody prefers.
///
/// # Errors
/// If the database fails.
pub fn preferences_of(conn: &mut Conn, user: Id<User>) -> Result<Preferences, Failure> {
    queries::preferences_of(conn, user)
}

/// How somebody is told of something; none if they do not want to be told by mail.
pub async fn reader_of(app: &App, user: Id<User>, kind: NotificationKind) -> Result<Option<Reader>, Failure> {
    let now = app.now();
    let preferences = app.db.read(move |conn| queries::preferences_of(conn, user)).await?;
    if !preferences.takes(kind, NotificationChannel::Email) {
        return Ok(None);
    }
    let person = addressee(app, user).await?;
    Ok(person.map(|person| Reader { person, not_before: preferences.quiet_until(now) }))
}

/// Who is told by mail now. Whoever is left alone until later is told by the same job then, and whoever wants no mail by none.
pub async fn told_now<J: JobBody>(
    app: &App,
    caller: &Caller,
    (user, kind): (Id<User>, NotificationKind),
    job: J,
) -> Result<Option<Addressee>, Failure> {
    match reader_of(app, user, kind).await? {
        Some(Reader { not_before: Some(later), .. }) => {
            app.db.write(caller, move |tx: &mut Tx<'_>| tx.enqueue_at(&job, later, None)).await?;
            Ok(None)
        }
        reader => Ok(reader.map(|reader| reader.person)),
    }
}

/// Where somebody declines further mail of a kind, with one click (RFC 8058).
pub fn unsubscribe_url(app: &App, user: Id<User>, kind: NotificationKind) -> String {
    let token = app.master.row_token(&purpose(kind), user);
    format!("{}{UNSUBSCRIBE_PAGE}/{}?token={token}", app.market.public_url, kind.as_str())
}

fn purpose(kind: NotificationKind) -> String {
    format!("unsubscribe {}", kind.as_str())
}

/// Who declines mail of a kind by a token.
///
/// # Errors
/// [`AccountError::InvalidToken`].
pub fn unsubscriber(app: &App, kind: NotificationKind, token: &str) -> Result<Id<User>, AccountError> {
    app.master.row_of(&purpose(kind), token).ok_or(AccountError::InvalidToken)
}

/// Sends whoever has the token no more mail of a kind, until they want it again.
///
/// # Errors
/// [`AccountError::InvalidToken`].
pub async fn unsubscribe(app: &App, caller: &Caller, kind: NotificationKind, token: &str) -> Result<(), AccountError> {
    let user = unsubscriber(app, kind, token)?;
    let decline = move |tx: &mut Tx<'_>| {
        queries::somebody(tx.conn(), user)?.ok_or(AccountError::InvalidToken)?;
        queries::lock_user(tx, user)?;
        let mut switches = queries::preferences_of(tx.conn(), user)?.switches();
        switches.retain(|switch| switch.kind == kind);
        for switch in &mut switches {
            switch.channels.retain(|channel| *channel != NotificationChannel::Email);
        }
        let change = PreferencesChange { notifications: switches, ..PreferencesChange::default() };
        change_preferences(tx, user, &change).map(drop)
    };
    app.db.write(caller, decline).await
}
