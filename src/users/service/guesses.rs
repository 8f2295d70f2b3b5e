//! Guessing passwords: bounded before one is looked at, for each account and for each line, over all processes.

use crate::users::{
    error::AccountError,
    model::{GuessedAt, Guesses},
    queries,
};
use crate::{
    kernel::error::Failure,
    platform::{
        app::App,
        caller::{Caller, Who, line},
        db::Tx,
    },
};

/// A guess that has begun. It counts as wrong until it is said to be right.
pub struct Guess {
    account: Vec<u8>,
    line: Option<Vec<u8>>,
}

/// Begins a guess at the password of an account, whether or not there is one with this address.
///
/// # Errors
/// [`AccountError::TooManyGuesses`] where so many were wrong that this one has to wait.
pub async fn guess(app: &App, caller: &Caller, email_key: &str) -> Result<Guess, AccountError> {
    let guess = Guess::at(app, caller, email_key);
    let (account, keys) = (guess.account.clone(), guess.keys());
    let add = move |tx: &mut Tx<'_>| {
        let now = tx.now();
        let mut after = Vec::with_capacity(keys.len());
        for guesses in queries::lock_guesses(tx, &keys, now)? {
            let at = if guesses.key == account { GuessedAt::Account } else { GuessedAt::Line };
            let more = guesses.with_one_more(at, now);
            after.push(more.map_err(|retry_at| AccountError::TooManyGuesses { retry_at })?);
        }
        Ok::<_, AccountError>(queries::set_guesses(tx, after)?)
    };
    app.db.write(caller, add).await?;
    Ok(guess)
}

impl Guess {
    /// What guesses of the caller at this account are counted by.
    pub(super) fn at(app: &App, caller: &Caller, email_key: &str) -> Self {
        let key = |kind: &str, of: &str| app.master.mac("guesses", &[kind.as_bytes(), of.as_bytes()]).to_vec();
        let address = match caller.who {
            // A machine that does not name its buyer speaks for many.
            Who::ApiKey(api_key) => api_key.buyer,
            _ => caller.request.address,
        };
        let line = address.map(|address| key("line", &line(address).to_string()));
        Self { account: key("account", email_key), line }
    }

    fn keys(&self) -> Vec<Vec<u8>> {
        std::iter::once(&self.account).chain(&self.line).cloned().collect()
    }

    /// It was right: what was guessed at the account before is forgotten. Of the line only this guess is, or an account of
    /// their own would let somebody guess at those of others for ever.
    pub(super) fn was_right(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        let now = tx.now();
        let line = self.line.as_slice();
        // In the order in which a guess that begins locks them.
        if line.iter().any(|line| *line < self.account) {
            queries::set_guess_given_back(tx, line, now)?;
            self.is_forgotten(tx)
        } else {
            self.is_forgotten(tx)?;
            queries::set_guess_given_back(tx, line, now)
        }
    }

    /// Nobody has to guess at the account any more.
    pub(super) fn is_forgotten(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        queries::delete_guesses(tx, &self.account)
    }

    /// Nobody looked whether it was right.
    pub(super) async fn was_not_looked_at(&self, app: &App, caller: &Caller) -> Result<(), Failure> {
        let mut keys = self.keys();
        keys.sort();
        let give_back = move |tx: &mut Tx<'_>| {
            let now = tx.now();
            queries::set_guess_given_back(tx, &keys, now)
        };
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
