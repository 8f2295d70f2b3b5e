//! Choosing another password: with the present one, or by a link where it was forgotten.

use super::{
    challenges::finish_sign_in,
    guesses::{Guess, Target, forget_guesses_at, guess_password},
    links::{Afterwards, link_token, linked},
    security_events::note,
    session::{SignInOutcome, own_session},
    step_up::require_recent_factor,
};
use crate::users::{
    error::AccountError,
    model::{
        PasswordChangedMail, PasswordReset, PasswordResetMail, ProofMethod, SecurityEventKind, Session, SessionEnd,
        User, check_password, oneself,
    },
    queries::{self, NewPasswordReset},
};
use crate::{
    kernel::{error::Failure, id::Id, text},
    platform::{
        app::App,
        caller::{Caller, SignedIn},
        db::Tx,
    },
};

/// Mails a link by which a new password is chosen. Says and takes the same whether or not there is an account.
pub async fn request_password_reset(app: &App, caller: &Caller, email: &str) -> Result<(), AccountError> {
    let email_key = text::email_key(email).ok_or(AccountError::InvalidEmail)?;
    app.db
        .write(caller, move |tx| {
            let now = tx.now();
            queries::lock_address(tx, &email_key)?;
            let user_id = queries::by_email(tx.conn(), &email_key)?.map(|user| user.id);
            let asked = queries::count_password_resets(tx.conn(), &email_key, now - PasswordReset::LIFETIME)?;
            if asked < PasswordReset::MAXIMUM_PER_ADDRESS {
                let (id, expires_at) = (tx.new_id(), now + PasswordReset::LIFETIME);
                let reset = NewPasswordReset { id, user_id, email_key: &email_key, expires_at, created_at: now };
                queries::insert_password_reset(tx, &reset)?;
                tx.enqueue(&PasswordResetMail { reset: id })?;
            }
            Ok(())
        })
        .await
}

/// The link of a reset and whose it is, for the mail. None where nobody has the address, or it is too late.
pub async fn password_reset_link(app: &App, id: Id<PasswordReset>) -> Result<Option<(Id<User>, String)>, Failure> {
    let now = app.now();
    let reset = app.db.read(move |conn| queries::password_reset(conn, id)).await?;
    let user = reset.and_then(|reset| reset.open_for(now));
    Ok(user.map(|user| (user, app.market.links.reset.with(&link_token(app, id)))))
}

/// Whose password a link changes.
///
/// # Errors
/// [`AccountError::InvalidToken`] if it was used, is too old, or was not made here.
pub async fn password_reset_for(app: &App, token: &str) -> Result<User, AccountError> {
    let id = linked(app, token).ok_or(AccountError::InvalidToken)?;
    let now = app.now();
    let found = app.db.read(move |conn| {
        let Some(user) = queries::password_reset(conn, id)?.and_then(|reset| reset.open_for(now)) else {
            return Ok::<_, Failure>(None);
        };
        Ok(queries::by_ids(conn, &[user])?.pop())
    });
    found.await?.ok_or(AccountError::InvalidToken)
}

/// Chooses a new password by a link, which is used up; all sessions end.
pub async fn reset_password(
    app: &App,
    caller: &Caller,
    token: &str,
    password: String,
    afterwards: Afterwards,
) -> Result<Option<SignInOutcome>, AccountError> {
    let user = password_reset_for(app, token).await?;
    check_new(&password, &user)?;
    let id = linked(app, token).ok_or(AccountError::InvalidToken)?;
    let password_hash = app.passwords.hash(password, app.generator.bytes()).await?;
    let (app_of_tx, user) = (app.clone(), user.id);
    let (finished, ended) = app
        .db
        .write(caller, move |tx| {
            let now = tx.now();
            let locked = lock_account(tx, &app_of_tx, user)?;
            let reset = queries::lock_password_reset(tx, id)?;
            if reset.and_then(|reset| reset.open_for(now)) != Some(locked.id) {
                return Err(AccountError::InvalidToken);
            }
            let ended = replace(tx, user, &password_hash, None)?;
            note(tx, user, SecurityEventKind::PasswordReset)?;
            let finished = match afterwards {
                Afterwards::SignIn => Some(finish_sign_in(tx, user, ProofMethod::Password)?),
                Afterwards::Leave => None,
            };
            Ok((finished, ended))
        })
        .await?;
    forget(app, &ended);
    finished.map(|finished| finished.outcome(app)).transpose()
}

/// Chooses another password. The other sessions end; they are returned.
///
/// # Errors
/// `STEP_UP_REQUIRED` beside a second factor; [`AccountError::WrongPassword`]; [`AccountError::TooManyGuesses`].
pub async fn change_password(
    app: &App,
    caller: &Caller,
    current: String,
    new: String,
) -> Result<Vec<Session>, AccountError> {
    let SignedIn { session, .. } = own_session(caller)?;
    require_recent_factor(app, caller).await?;
    let (user, guess) = confirm_password(app, caller, current, |user| check_new(&new, user)).await?;
    let password_hash = match app.passwords.hash(new.clone(), app.generator.bytes()).await {
        Ok(hash) => hash,
        Err(failure) => {
            guess.withdraw(app, caller).await?;
            return Err(failure.into());
        }
    };
    let ended = app
        .db
        .write(caller, move |tx| {
            guess.accept(tx)?;
            still_has(&queries::lock_user(tx, user.id)?, &user)?;
            note(tx, user.id, SecurityEventKind::PasswordChanged)?;
            Ok::<_, AccountError>(replace(tx, user.id, &password_hash, Some(Id::from_uuid(session)))?)
        })
        .await?;
    forget(app, &ended);
    Ok(ended)
}

/// Whether the caller knows their password, asked before something that a stranger at an open device must not do. `check` is
/// what else could be wrong, looked at first.
pub(super) async fn confirm_password(
    app: &App,
    caller: &Caller,
    password: String,
    check: impl FnOnce(&User) -> Result<(), AccountError>,
) -> Result<(User, Guess), AccountError> {
    let id = oneself(caller)?;
    let user = app.db.read(move |conn| queries::by_ids(conn, &[id])).await?.pop();
    let user = user.ok_or(AccountError::WrongPassword)?;
    check(&user)?;
    let (target, stored) = (Target::Person(user.id), user.password_hash.clone());
    let guess = guess_password(app, caller, target, password, stored).await?;
    Ok((user, guess.ok_or(AccountError::WrongPassword)?))
}

/// A step: whether a person, now locked, has the password that was looked at.
pub(super) fn still_has(locked: &User, looked_at: &User) -> Result<(), AccountError> {
    if locked.password_hash == looked_at.password_hash { Ok(()) } else { Err(AccountError::WrongPassword) }
}

fn check_new(password: &str, user: &User) -> Result<(), AccountError> {
    let known = [user.email.as_deref().unwrap_or_default(), &user.display_name];
    check_password(password, &known).map_err(|fault| AccountError::Password { field: "newPassword".into(), fault })
}

/// A step: locks a person whom nobody has to guess any more. Guesses are locked before people, and people before what is
/// theirs.
fn lock_account(tx: &mut Tx<'_>, app: &App, user: Id<User>) -> Result<User, Failure> {
    let person = queries::by_ids(tx.conn(), &[user])?.pop();
    let email_key = person.and_then(|person| person.email).and_then(|email| text::email_key(&email));
    if let Some(email_key) = email_key {
        forget_guesses_at(tx, app, Target::Address(&email_key))?;
    }
    forget_guesses_at(tx, app, Target::Person(user))?;
    queries::lock_user(tx, user)
}

/// A step: another password, which no link changes that is open, and with which nobody moves elsewhere, completes a sign-in,
/// or goes on in a session, but perhaps one.
fn replace(
    tx: &mut Tx<'_>,
    user: Id<User>,
    password_hash: &str,
    kept: Option<Id<Session>>,
) -> Result<Vec<Session>, Failure> {
    let now = tx.now();
    queries::set_password(tx, user, password_hash)?;
    queries::set_password_resets_used(tx, user, now)?;
    queries::set_email_changes_over(tx, user, now)?;
    queries::delete_challenges(tx, user)?;
    queries::set_wrong_forgotten(tx, user)?;
    let ended = queries::set_others_ended(tx, user, kept, now, SessionEnd::PasswordChanged)?;
    tx.enqueue(&PasswordChangedMail { user })?;
    Ok(ended)
}

fn forget(app: &App, ended: &[Session]) {
    for session in ended {
        app.standings.forget(session.id.uuid());
    }
}

/// Forgets resets that ended a day ago.
pub async fn forget_password_resets(app: &App, caller: &Caller) -> Result<(), Failure> {
    const BATCH: i64 = 1_000;
    let forget = |tx: &mut Tx<'_>| {
        let before = tx.now() - chrono::TimeDelta::days(1);
        queries::delete_password_resets(tx, before, BATCH)
    };
    app.db.write_in_batches(caller, forget).await
}
