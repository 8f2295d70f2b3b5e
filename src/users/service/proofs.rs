//! Codes that people give to prove who they are: of an authenticator, or written down.

use super::{
    guesses::{Guess, Target, guess},
    second_factor::tell,
};
use crate::users::{
    error::AccountError,
    model::{ProofMethod, RecoveryCode, SafetyNotice, SecondFactor, SecurityEventKind},
    queries,
};
use crate::{
    kernel::error::Failure,
    platform::{app::App, caller::Caller, crypto::TotpSecret, db::Tx},
};

/// A code that somebody gives.
pub enum Code {
    /// What the authenticator shows.
    Totp(String),
    /// One of those that were written down.
    Recovery(String),
}

impl Code {
    /// What is said where it is wrong.
    pub(super) const fn wrong(&self) -> AccountError {
        AccountError::WrongProof { by: self.method() }
    }

    const fn method(&self) -> ProofMethod {
        match self {
            Self::Totp(_) => ProofMethod::Totp,
            Self::Recovery(_) => ProofMethod::RecoveryCode,
        }
    }
}

/// A code that is right. Whether it was taken before is known when it is taken.
#[derive(Clone)]
pub(super) struct RightCode {
    factor: SecondFactor,
    found: Found,
    guess: Guess,
}

#[derive(Clone)]
enum Found {
    Step(i64),
    Recovery(Vec<u8>),
}

/// Looks at a code. It is a guess, and counts as a wrong one until it is taken.
///
/// # Errors
/// As [`guess`]; [`AccountError::WrongProof`].
pub(super) async fn check_code(
    app: &App,
    caller: &Caller,
    target: Target<'_>,
    factor: SecondFactor,
    code: &Code,
) -> Result<RightCode, AccountError> {
    let secret = secret_of(app, &factor)?;
    let guess = guess(app, caller, target).await?;
    let found = match code {
        Code::Totp(given) => secret.step_of(given, app.now()).map(Found::Step),
        Code::Recovery(given) => RecoveryCode::read(given).map(|code| Found::Recovery(hash_of(&secret, &code))),
    };
    found.map(|found| RightCode { factor, found, guess }).ok_or_else(|| code.wrong())
}

impl RightCode {
    /// A step: takes the code, which is right once. Locks guesses and then the person. Returns by what they have proven who
    /// they are.
    ///
    /// # Errors
    /// [`AccountError::WrongProof`] if it was taken before, or there is another second factor by now.
    pub(super) fn take(&self, tx: &mut Tx<'_>) -> Result<ProofMethod, AccountError> {
        let user = self.factor.user_id;
        self.guess.accept(tx)?;
        queries::lock_user(tx, user)?;
        let (by, is_taken) = match &self.found {
            Found::Step(step) => (ProofMethod::Totp, queries::set_step_used(tx, &self.factor, *step)?),
            Found::Recovery(hash) => (ProofMethod::RecoveryCode, queries::set_recovery_code_used(tx, user, hash)?),
        };
        if !is_taken {
            return Err(AccountError::WrongProof { by });
        }
        if by == ProofMethod::RecoveryCode {
            tell(tx, user, SecurityEventKind::RecoveryCodeUsed, SafetyNotice::RecoveryCodeUsed)?;
        }
        Ok(by)
    }
}

/// The secret of an authenticator.
pub(super) fn secret_of(app: &App, factor: &SecondFactor) -> Result<TotpSecret, Failure> {
    TotpSecret::open(&app.master, &factor.user_id.to_string(), &factor.sealed_secret)
}

/// The hash under which a recovery code is stored.
pub(super) fn hash_of(secret: &TotpSecret, code: &RecoveryCode) -> Vec<u8> {
    secret.mac(code.letters().as_bytes())
}
