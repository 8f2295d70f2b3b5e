//! Guessing passwords and codes: bounded before one is looked at, for each account and for each line, over all processes. What others
//! count as guesses, such as cards that are tried out or orders of guests, is bounded by the same.

use std::net::IpAddr;

use chrono::TimeDelta;

use crate::users::{
    error::AccountError,
    model::{GuessedAt, Guesses, PasswordHash, User},
    queries,
};
use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        app::App,
        caller::Caller,
        clock::Time,
        db::{Conn, Tx},
    },
};

/// A guess that has begun. It counts as wrong until it is said to be right.
#[derive(Clone)]
pub(super) struct Guess {
    account: Option<Vec<u8>>,
    line: Option<Vec<u8>>,
}

/// What a guess is at.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target<'a> {
    /// The account with this address, by somebody who is not signed in, whether or not there is one.
    Address(&'a str),
    /// The account of somebody who is signed in: strangers' guesses are none of theirs.
    Person(Id<User>),
    /// The second factor of an account, by somebody who knows its password, which clears nothing here.
    Factor(Id<User>),
    /// The second factor of somebody who is signed in.
    OwnFactor(Id<User>),
    /// A code that came by mail, to one of many sign-ups, each with attempts of its own.
    Mailbox,
}

impl Target<'_> {
    /// None for what counts against the line alone.
    fn key(self, app: &App) -> Option<Vec<u8>> {
        let key = |kind: &[u8], of: &[u8]| Some(app.master.mac("guesses", &[kind, of]).to_vec());
        match self {
            Self::Address(email_key) => key(b"account", email_key.as_bytes()),
            Self::Person(user) => key(b"person", user.uuid().as_bytes()),
            Self::Factor(user) => key(b"factor", user.uuid().as_bytes()),
            Self::OwnFactor(user) => key(b"own-factor", user.uuid().as_bytes()),
            Self::Mailbox => None,
        }
    }
}

/// Begins a guess at a password or a code.
///
/// # Errors
/// [`AccountError::TooManyGuesses`] where so many were wrong that this one has to wait.
pub(super) async fn guess(app: &App, caller: &Caller, target: Target<'_>) -> Result<Guess, AccountError> {
    let line_key = |line: IpAddr| app.master.mac("guesses", &[b"line", line.to_string().as_bytes()]).to_vec();
    let guess = Guess { account: target.key(app), line: caller.line().map(line_key) };
    let at_account = guess.account.iter().map(|key| (GuessedAt::Account, key.clone()));
    let of_line = guess.line.iter().map(|key| (GuessedAt::Line, key.clone()));
    let counted: Vec<_> = at_account.chain(of_line).collect();
    let add = move |tx: &mut Tx<'_>| match count_guess(tx, &counted)? {
        Some((_, retry_at)) => Err(AccountError::TooManyGuesses { retry_at }),
        None => Ok(()),
    };
    app.db.write(caller, add).await?;
    Ok(guess)
}

/// A step: counts a guess as wrong by each of these keys. If any of them has to wait, it counts by none: then by which it has to wait
/// longest, and until when.
///
/// # Errors
/// If the database fails.
pub fn count_guess(tx: &mut Tx<'_>, counted: &[(GuessedAt, Vec<u8>)]) -> Result<Option<(GuessedAt, Time)>, Failure> {
    let now = tx.now();
    let keys: Vec<Vec<u8>> = counted.iter().map(|(_, key)| key.clone()).collect();
    let mut after = Vec::with_capacity(keys.len());
    let mut waits: Option<(GuessedAt, Time)> = None;
    for guesses in queries::lock_guesses(tx, &keys, now)? {
        let Some(&(at, _)) = counted.iter().find(|(_, key)| *key == guesses.key) else { continue };
        match guesses.with_one_more(at, now) {
            Ok(more) => after.push(more),
            Err(open_at) if waits.is_none_or(|(_, until)| until < open_at) => waits = Some((at, open_at)),
            Err(_) => {}
        }
    }
    if waits.is_none() {
        queries::set_guesses(tx, after)?;
    }
    Ok(waits)
}

/// Until when a guess that is counted by these keys would have to wait, as it looks just now; none if it would not. [`count_guess`] decides.
///
/// # Errors
/// If the database fails.
pub fn waits_until(conn: &mut Conn, keys: &[Vec<u8>], now: Time) -> Result<Option<Time>, Failure> {
    queries::guesses_wait_until(conn, keys, now)
}

/// By how much a guess may have begun before another one that was counted first: it waited for that.
const APART: TimeDelta = TimeDelta::seconds(10);

/// A step: a guess that was begun at a time was not wrong, and is forgotten, and none besides: or a right one of their own would let
/// somebody guess for ever.
///
/// # Errors
/// If the database fails.
pub fn give_back_guess(tx: &mut Tx<'_>, mut keys: Vec<Vec<u8>>, begun_at: Time) -> Result<(), Failure> {
    // In the order in which they are locked.
    keys.sort();
    keys.iter().try_for_each(|key| queries::set_guess_of_then_given_back(tx, key, begun_at + APART))
}

/// Guesses at a password by its stored hash. None if it is another one. Where too many wait to have theirs looked at, nothing is
/// counted and nothing written.
///
/// # Errors
/// As [`guess`].
pub(super) async fn guess_password(
    app: &App,
    caller: &Caller,
    target: Target<'_>,
    password: String,
    stored: Option<PasswordHash>,
) -> Result<Option<Guess>, AccountError> {
    let place = app.passwords.queue()?;
    let guess = guess(app, caller, target).await?;
    match place.verify(&password, [stored.map(Into::into)]).await {
        Ok([is_right]) => Ok(is_right.then_some(guess)),
        Err(failure) => {
            guess.withdraw(app, caller).await?;
            Err(failure.into())
        }
    }
}

/// A step: nobody has to guess at an account any more.
pub(super) fn forget_guesses_at(tx: &mut Tx<'_>, app: &App, target: Target<'_>) -> Result<(), Failure> {
    target.key(app).map_or(Ok(()), |key| queries::delete_guesses(tx, &key))
}

impl Guess {
    /// In the order in which they are locked.
    fn keys(&self) -> Vec<Vec<u8>> {
        let mut keys: Vec<_> = self.account.iter().chain(&self.line).cloned().collect();
        keys.sort();
        keys
    }

    /// A step: it was right, and what was guessed at the account before is forgotten. Of the line only this guess is, or an
    /// account of their own would let somebody guess at those of others for ever.
    pub(super) fn accept(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        for key in self.keys() {
            if self.account.as_ref() == Some(&key) {
                queries::delete_guesses(tx, &key)?;
            } else {
                queries::set_guess_given_back(tx, &key)?;
            }
        }
        Ok(())
    }

    /// Nobody looked whether it was right.
    pub(super) async fn withdraw(&self, app: &App, caller: &Caller) -> Result<(), Failure> {
        let keys = self.keys();
        let give_back = move |tx: &mut Tx<'_>| keys.iter().try_for_each(|key| queries::set_guess_given_back(tx, key));
        app.db.write(caller, give_back).await
    }
}

/// Forgets guesses after a day without another one.
pub async fn forget_guesses(app: &App, caller: &Caller) -> Result<(), Failure> {
    const BATCH: i64 = 1_000;
    let forget = |tx: &mut Tx<'_>| {
        let before = tx.now() - Guesses::LIFETIME;
        queries::delete_old_guesses(tx, before, BATCH)
    };
    app.db.write_in_batches(caller, forget).await
}
