//! The end of every way of signing in: a session, or a challenge where there is a second factor.

use super::{
    guesses::Target,
    links::{link_token, linked},
    proofs::{FactorProof, methods, prove},
    security_events::note,
    session::{Proven, SignInOutcome, Tokens, open_session, tokens},
};
use crate::users::{
    error::AccountError,
    model::{Challenge, ProofMethod, SecondFactor, SecurityEventKind, Session, User},
    queries,
};
use crate::{
    kernel::{error::Failure, id::Id},
    platform::{app::App, caller::Caller, clock::Time, db::Tx},
};

/// What comes of a sign-in.
pub(super) enum Finished {
    Session(Session),
    Challenge(Challenge, Vec<ProofMethod>),
}

/// A sign-in that waits for the second factor.
pub struct SecondFactorAsked {
    /// Names the sign-in. Told to whoever gave the password.
    pub challenge_token: String,
    pub methods: Vec<ProofMethod>,
    pub expires_at: Time,
}

impl Finished {
    /// As it is told.
    pub(super) fn outcome(self, app: &App) -> Result<SignInOutcome, AccountError> {
        Ok(match self {
            Self::Session(session) => SignInOutcome::SignedIn(tokens(app, &session)?),
            Self::Challenge(Challenge { id, expires_at, .. }, methods) => {
                let challenge_token = link_token(app, id);
                SignInOutcome::SecondFactorRequired(SecondFactorAsked { challenge_token, methods, expires_at })
            }
        })
    }
}

/// A step in which every way of signing in to an account ends: opens a session for a person, who is locked, or asks for the
/// second factor if they have one.
pub(super) fn finish_sign_in(tx: &mut Tx<'_>, user: Id<User>, proven: impl Into<Proven>) -> Result<Finished, Failure> {
    if let Some(factor) = queries::second_factor(tx.conn(), user)?.filter(SecondFactor::is_on) {
        let (id, expires_at) = (tx.new_id(), tx.now() + Challenge::LIFETIME);
        let challenge = queries::insert_challenge(tx, id, user, expires_at)?;
        return Ok(Finished::Challenge(challenge, methods(tx.conn(), user, Some(&factor))?));
    }
    note(tx, user, SecurityEventKind::SignedIn)?;
    Ok(Finished::Session(open_session(tx, user, proven)?))
}

/// Completes a sign-in with the second factor, or a passkey of the same person. Wrong codes count against the account, whatever is right about its password.
///
/// # Errors
/// [`AccountError::InvalidChallenge`] if the sign-in is over; [`AccountError::WrongProof`];
/// [`AccountError::TooManyGuesses`].
pub async fn complete_sign_in(
    app: &App,
    caller: &Caller,
    challenge_token: &str,
    proof: &FactorProof,
) -> Result<Tokens, AccountError> {
    let (id, now) = (linked::<Challenge>(app, challenge_token).ok_or(AccountError::InvalidChallenge)?, app.now());
    let found = app.db.read(move |conn| {
        let open = queries::challenge(conn, id)?.filter(|challenge| challenge.is_open(now));
        let factor = open.map(|challenge| queries::second_factor(conn, challenge.user_id)).transpose()?.flatten();
        Ok::<_, Failure>(factor.filter(SecondFactor::is_on))
    });
    let factor = found.await?.ok_or(AccountError::InvalidChallenge)?;
    let user = factor.user_id;
    let complete = move |tx: &mut Tx<'_>, by: ProofMethod| {
        if !queries::delete_challenge(tx, id)? {
            return Err(AccountError::InvalidChallenge);
        }
        note(tx, user, SecurityEventKind::SignedIn)?;
        Ok(open_session(tx, user, by)?)
    };
    match prove(app, caller, Target::Factor(user), user, Some(factor), proof, complete).await {
        Ok(session) => tokens(app, &session),
        Err(wrong @ AccountError::WrongProof { .. }) => {
            app.db.write(caller, move |tx| queries::set_challenge_attempted(tx, id)).await?;
            Err(wrong)
        }
        Err(error) => Err(error),
    }
}

/// Forgets sign-ins that nobody completed in time.
pub async fn forget_challenges(app: &App, caller: &Caller) -> Result<(), Failure> {
    const BATCH: i64 = 1_000;
    let forget = |tx: &mut Tx<'_>| {
        let now = tx.now();
        queries::delete_old_challenges(tx, now, BATCH)
    };
    app.db.write_in_batches(caller, forget).await
}
