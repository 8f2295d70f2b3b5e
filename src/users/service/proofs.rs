//! What people give to prove who they are beside, or instead of, a password.

use super::{
    guesses::{Guess, Target, guess},
    passkeys::{RightPasskey, check_passkey},
    second_factor::tell,
};
use crate::users::{
    error::AccountError,
    model::{ProofMethod, RecoveryCode, SafetyNotice, SecondFactor, SecurityEventKind, User},
    queries,
};
use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        app::App,
        caller::Caller,
        crypto::TotpSecret,
        db::{Conn, Tx},
    },
};

/// What somebody gives beside, or instead of, a password.
pub enum FactorProof {
    /// What the authenticator shows.
    Totp(String),
    /// One of those that were written down.
    Recovery(String),
    /// What an authenticator answered, in JSON.
    Passkey(String),
}

impl FactorProof {
    /// What is said where it is wrong.
    pub(super) const fn wrong(&self) -> AccountError {
        AccountError::WrongProof { by: self.method() }
    }

    const fn method(&self) -> ProofMethod {
        match self {
            Self::Totp(_) => ProofMethod::Totp,
            Self::Recovery(_) => ProofMethod::RecoveryCode,
            Self::Passkey(_) => ProofMethod::Passkey,
        }
    }
}

/// The ways in which a person with this second factor, or none, proves who they are.
pub(super) fn methods(
    conn: &mut Conn,
    user: Id<User>,
    factor: Option<&SecondFactor>,
) -> Result<Vec<ProofMethod>, Failure> {
    let passkey = queries::has_passkeys(conn, user)?.then_some(ProofMethod::Passkey);
    let others = if let Some(factor) = factor {
        factor.methods()
    } else if queries::somebody(conn, user)?.is_some_and(|user| user.password_hash.is_some()) {
        vec![ProofMethod::Password]
    } else {
        vec![ProofMethod::Provider]
    };
    Ok(passkey.into_iter().chain(others).collect())
}

/// A proof that is right. Whether it was taken before is known when it is taken.
#[derive(Clone)]
pub(super) enum RightProof {
    Code(RightCode),
    Passkey(RightPasskey),
}

/// Looks at what a person gives.
///
/// # Errors
/// As [`guess`]; [`AccountError::WrongProof`].
pub(super) async fn check_proof(
    app: &App,
    caller: &Caller,
    target: Target<'_>,
    user: Id<User>,
    factor: Option<SecondFactor>,
    proof: &FactorProof,
) -> Result<RightProof, AccountError> {
    if let FactorProof::Passkey(credential) = proof {
        let right = check_passkey(app, caller, credential).await.map_err(|error| match error {
            AccountError::InvalidPasskey | AccountError::InvalidCeremony => proof.wrong(),
            error => error,
        })?;
        return if right.user == user { Ok(RightProof::Passkey(right)) } else { Err(proof.wrong()) };
    }
    let factor = factor.ok_or_else(|| proof.wrong())?;
    Ok(RightProof::Code(check_code(app, caller, target, factor, proof).await?))
}

impl RightProof {
    /// A step: takes it. Locks guesses, the person, and then what is theirs. Returns by what they have proven who they are.
    ///
    /// # Errors
    /// [`AccountError::WrongProof`] if it was taken before, or is no good any more.
    pub(super) fn take(&self, tx: &mut Tx<'_>) -> Result<ProofMethod, AccountError> {
        match self {
            Self::Code(code) => code.take(tx),
            Self::Passkey(passkey) => match passkey.take(tx) {
                Err(AccountError::InvalidPasskey) => Err(AccountError::WrongProof { by: ProofMethod::Passkey }),
                taken => taken,
            },
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
async fn check_code(
    app: &App,
    caller: &Caller,
    target: Target<'_>,
    factor: SecondFactor,
    code: &FactorProof,
) -> Result<RightCode, AccountError> {
    let secret = secret_of(app, &factor)?;
    let guess = guess(app, caller, target).await?;
    let found = match code {
        FactorProof::Totp(given) => secret.step_of(given, app.now()).map(Found::Step),
        FactorProof::Recovery(given) => RecoveryCode::read(given).map(|code| Found::Recovery(hash_of(&secret, &code))),
        FactorProof::Passkey(_) => None,
    };
    found.map(|found| RightCode { factor, found, guess }).ok_or_else(|| code.wrong())
}

impl RightCode {
    /// A step: takes the code, which is right once. Locks guesses and then the person. Returns by what they have proven who
    /// they are.
    ///
    /// # Errors
    /// [`AccountError::WrongProof`] if it was taken before, or there is another second factor by now.
    fn take(&self, tx: &mut Tx<'_>) -> Result<ProofMethod, AccountError> {
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
