//! What people give to prove who they are beside, or instead of, a password.

use super::{
    guesses::{Target, guess},
    passkeys::check_passkey,
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

/// Looks at what a person gives, takes it, and does what it was given for, all or nothing. A code is a guess, and counts as a
/// wrong one until it is taken; passkeys cannot be guessed. Locks guesses, the person, and then what is theirs.
///
/// # Errors
/// As [`guess`]; [`AccountError::WrongProof`], also of what was taken before.
pub(super) async fn prove<T: Send + 'static>(
    app: &App,
    caller: &Caller,
    target: Target<'_>,
    user: Id<User>,
    factor: Option<SecondFactor>,
    proof: &FactorProof,
    then: impl Fn(&mut Tx<'_>, ProofMethod) -> Result<T, AccountError> + Send + 'static,
) -> Result<T, AccountError> {
    let (factor, found) = match (proof, factor) {
        (FactorProof::Passkey(credential), _) => return prove_by_passkey(app, caller, user, credential, then).await,
        (_, None) => return Err(proof.wrong()),
        (FactorProof::Totp(given), Some(factor)) => {
            let step = secret_of(app, &factor)?.step_of(given, app.now());
            let step = step.filter(|_| factor.takes_totp());
            (factor, step.map(Found::Step))
        }
        (FactorProof::Recovery(given), Some(factor)) => {
            let secret = secret_of(app, &factor)?;
            (factor, RecoveryCode::read(given).map(|code| Found::Recovery(hash_of(&secret, &code))))
        }
    };
    let guess = guess(app, caller, target).await?;
    let done = match found {
        Some(found) => {
            let guess = guess.clone();
            let take = move |tx: &mut Tx<'_>| {
                guess.accept(tx)?;
                let by = found.take(tx, &factor)?;
                then(tx, by)
            };
            app.db.write(caller, take).await
        }
        None => Err(proof.wrong()),
    };
    match &done {
        Ok(_) => {}
        Err(AccountError::WrongProof { .. }) => app.db.write(caller, move |tx| refuse(tx, user)).await?,
        // It was right, whatever came of it.
        Err(_) => guess.withdraw(app, caller).await?,
    }
    done
}

async fn prove_by_passkey<T: Send + 'static>(
    app: &App,
    caller: &Caller,
    user: Id<User>,
    credential: &str,
    then: impl Fn(&mut Tx<'_>, ProofMethod) -> Result<T, AccountError> + Send + 'static,
) -> Result<T, AccountError> {
    let wrong = |error| match error {
        AccountError::InvalidPasskey | AccountError::InvalidCeremony => {
            AccountError::WrongProof { by: ProofMethod::Passkey }
        }
        error => error,
    };
    let right = check_passkey(app, caller, credential).await.map_err(wrong)?;
    if right.user != user {
        return Err(AccountError::WrongProof { by: ProofMethod::Passkey });
    }
    let take = move |tx: &mut Tx<'_>| {
        let by = right.take(tx).map_err(wrong)?;
        queries::set_wrong_forgotten(tx, user)?;
        then(tx, by)
    };
    app.db.write(caller, take).await
}

/// What a code is that is right. Whether it was taken before is known when it is taken.
enum Found {
    Step(i64),
    Recovery(Vec<u8>),
}

impl Found {
    /// A step: takes the code, which is right once. Returns by what its person has proven who they are.
    ///
    /// # Errors
    /// [`AccountError::WrongProof`] if it was taken before, or there is another second factor by now.
    fn take(&self, tx: &mut Tx<'_>, factor: &SecondFactor) -> Result<ProofMethod, AccountError> {
        let user = factor.user_id;
        queries::lock_user(tx, user)?;
        let (by, is_taken) = match self {
            Self::Step(step) => (ProofMethod::Totp, queries::set_step_used(tx, factor, *step)?),
            Self::Recovery(hash) => (ProofMethod::RecoveryCode, queries::set_recovery_code_used(tx, user, hash)?),
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

/// A step: counts a wrong code. Whoever gives many has the password, or a session, of which its owner has to be told.
fn refuse(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    match queries::set_second_factor_wrong(tx, user)? {
        Some(factor) if factor.is_told() => {
            tell(tx, user, SecurityEventKind::SecondFactorRefused, SafetyNotice::SecondFactorRefused)
        }
        _ => Ok(()),
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
