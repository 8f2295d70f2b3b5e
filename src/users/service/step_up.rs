//! Proving anew who one is, before what a stranger at an open device must not do.

use super::{
    guesses::Target,
    passwords::{confirm_password, still_has},
    proofs::{FactorProof, methods, prove},
    session::own_session,
};
use crate::users::{
    error::AccountError,
    model::{ProofMethod, SecondFactor, Session, oneself},
    queries,
};
use crate::{
    kernel::error::{Failure, TokenFault},
    platform::{
        app::App,
        caller::{Caller, SignedIn, Who},
        clock::Time,
        db::{Conn, Tx},
    },
};

/// By what somebody proves who they are.
pub enum Proof {
    /// Where there is no second factor.
    Password(String),
    Factor(FactorProof),
}

/// A step: whether the caller proved who they are within [`Session::RECENT`], by the second factor if they have one. What the
/// operator does by a command needs no proof.
///
/// # Errors
/// `STEP_UP_REQUIRED`, with the ways to prove it; `UNAUTHENTICATED` if nobody is signed in.
pub fn require_recent(tx: &mut Tx<'_>) -> Result<(), Failure> {
    let (caller, now) = (tx.caller().clone(), tx.now());
    match caller.who {
        Who::System => Ok(()),
        _ => recent(tx.conn(), &caller, now),
    }
}

/// As [`require_recent`], where nothing is written: something is read, or begun that is done elsewhere.
///
/// # Errors
/// As [`require_recent`].
pub async fn require_recent_proof(app: &App, caller: &Caller) -> Result<(), Failure> {
    let (now, caller) = (app.now(), caller.clone());
    app.db.read(move |conn| recent(conn, &caller, now)).await
}

/// Whether the caller gave their second factor lately, if they have one: for what asks for the password anyway.
///
/// # Errors
/// As [`require_recent`].
pub(super) async fn require_recent_factor(app: &App, caller: &Caller) -> Result<(), Failure> {
    let (user, now, caller) = (oneself(caller)?, app.now(), caller.clone());
    let look = move |conn: &mut Conn| match queries::second_factor(conn, user)?.filter(SecondFactor::is_on) {
        Some(_) => recent(conn, &caller, now),
        None => Ok(()),
    };
    app.db.read(look).await
}

fn recent(conn: &mut Conn, caller: &Caller, now: Time) -> Result<(), Failure> {
    let SignedIn { session, .. } = own_session(caller)?;
    let (session, has_factor) = queries::session_and_factor(conn, session, now)?.ok_or_else(over)?;
    if session.is_recent(now, has_factor) {
        return Ok(());
    }
    let factor = queries::second_factor(conn, session.user_id)?.filter(SecondFactor::is_on);
    let methods = methods(conn, session.user_id, factor.as_ref())?;
    Err(Failure::StepUpRequired { methods: methods.into_iter().map(ProofMethod::as_str).collect() })
}

/// A step: whether the session that the caller is in goes on. Whoever waited for the person's row may have waited for what
/// ended it.
///
/// # Errors
/// `UNAUTHENTICATED`.
pub(super) fn still_signed_in(tx: &mut Tx<'_>) -> Result<(), Failure> {
    let (SignedIn { session, .. }, now) = (own_session(tx.caller())?, tx.now());
    queries::session_and_factor(tx.conn(), session, now)?.map(drop).ok_or_else(over)
}

const fn over() -> Failure {
    Failure::Unauthenticated(Some(TokenFault::Revoked))
}

/// A step: notes that the caller has proven who they are.
pub(super) fn authenticated(tx: &mut Tx<'_>, by: ProofMethod) -> Result<Session, Failure> {
    let caller = tx.caller().clone();
    let SignedIn { session, .. } = own_session(&caller)?;
    queries::set_authenticated(tx, session, by)?.ok_or_else(over)
}

/// Proves anew who the caller is. Returns the session, which is good for [`Session::RECENT`] for what needs that.
///
/// # Errors
/// [`AccountError::WrongProof`]; [`AccountError::PasswordAlone`]; [`AccountError::TooManyGuesses`].
pub async fn step_up(app: &App, caller: &Caller, proof: Proof) -> Result<Session, AccountError> {
    let user = oneself(caller)?;
    let factor = app.db.read(move |conn| queries::second_factor(conn, user)).await?.filter(SecondFactor::is_on);
    match (proof, factor) {
        (Proof::Password(_), Some(_)) => Err(AccountError::PasswordAlone),
        (Proof::Password(password), None) => {
            let wrong = |error| match error {
                AccountError::WrongPassword => AccountError::WrongProof { by: ProofMethod::Password },
                error => error,
            };
            let (looked_at, guess) = confirm_password(app, caller, password, |_| Ok(())).await.map_err(wrong)?;
            let prove = move |tx: &mut Tx<'_>| {
                guess.accept(tx)?;
                still_has(&queries::lock_user(tx, user)?, &looked_at).map_err(wrong)?;
                Ok(authenticated(tx, ProofMethod::Password)?)
            };
            app.db.write(caller, prove).await
        }
        (Proof::Factor(proof), factor) => {
            let note = |tx: &mut Tx<'_>, by: ProofMethod| Ok(authenticated(tx, by)?);
            prove(app, caller, Target::OwnFactor(user), user, factor, &proof, note).await
        }
    }
}
