//! The second factor: set up, switched on and off, its recovery codes.

use qrcode::{QrCode, render::svg};

use super::{
    guesses::{Target, guess},
    proofs::{hash_of, secret_of},
    security_events::note,
    step_up::{authenticated, require_recent},
};
use crate::users::{
    error::AccountError,
    model::{ProofMethod, RecoveryCode, SafetyMail, SafetyNotice, SecondFactor, SecurityEventKind, User, oneself},
    queries,
};
use crate::{
    kernel::{error::Failure, id::Id},
    platform::{app::App, caller::Caller, clock::Time, crypto::TotpSecret, db::Tx},
};

/// What an authenticator has to be told, once.
pub struct TotpSetup {
    /// In base32, for those who type it.
    pub secret: String,
    /// The same as a `otpauth://` URI.
    pub uri: String,
    /// Until when it can be confirmed.
    pub expires_at: Time,
}

impl TotpSetup {
    /// The URI as a picture that an authenticator reads.
    ///
    /// # Errors
    /// If the URI is longer than a QR code can be, which no address makes it.
    pub fn qr_svg(&self) -> Result<String, Failure> {
        let code = QrCode::new(&self.uri).map_err(Failure::internal)?;
        let svg = code.render::<svg::Color<'_>>().min_dimensions(200, 200).build();
        // As it stands inside a page, where there is one language and one encoding already.
        Ok(svg.split_once("?>").map_or(svg.as_str(), |(_, svg)| svg).to_owned())
    }
}

/// The caller's second factor, if it is on.
pub async fn second_factor(app: &App, caller: &Caller) -> Result<Option<SecondFactor>, Failure> {
    let user = oneself(caller)?;
    let found = app.db.read(move |conn| queries::second_factor(conn, user)).await?;
    Ok(found.filter(SecondFactor::is_on))
}

/// Makes a secret for an authenticator. It counts from [`confirm_totp_setup`] on; one that waited before is forgotten.
///
/// # Errors
/// `STEP_UP_REQUIRED`; [`AccountError::SecondFactorOn`].
pub async fn begin_totp_setup(app: &App, caller: &Caller) -> Result<TotpSetup, AccountError> {
    let user = oneself(caller)?;
    let secret = TotpSecret::generate(&app.generator);
    let sealed = secret.seal(&app.master, &app.generator, &user.to_string())?;
    let set_up = move |tx: &mut Tx<'_>| {
        let person = queries::lock_user(tx, user)?;
        require_recent(tx)?;
        if queries::second_factor(tx.conn(), user)?.is_some_and(|factor| factor.is_on()) {
            return Err(AccountError::SecondFactorOn);
        }
        Ok((person, queries::set_second_factor(tx, user, &sealed)?))
    };
    let (person, begun) = app.db.write(caller, set_up).await?;
    let account = person.email.unwrap_or(person.display_name);
    Ok(TotpSetup {
        uri: secret.uri(app.market.host(), &account),
        secret: secret.to_base32(),
        expires_at: begun.created_at + SecondFactor::SETUP_LIFETIME,
    })
}

/// Switches the second factor on, by a code that shows that the authenticator has the secret. Returns the recovery codes,
/// which are told this once.
pub async fn confirm_totp_setup(app: &App, caller: &Caller, code: &str) -> Result<Vec<RecoveryCode>, AccountError> {
    let (user, now) = (oneself(caller)?, app.now());
    let begun = app.db.read(move |conn| queries::second_factor(conn, user)).await?;
    let begun = begun.filter(|factor| factor.can_be_confirmed(now)).ok_or(AccountError::NoSetup)?;
    let secret = secret_of(app, &begun)?;
    let guess = guess(app, caller, Target::OwnFactor(user)).await?;
    let step = secret.step_of(code, now).ok_or(AccountError::InvalidCode)?;
    let (codes, hashes) = new_codes(app, &secret);
    let confirm = move |tx: &mut Tx<'_>| {
        guess.accept(tx)?;
        queries::lock_user(tx, user)?;
        if !queries::set_second_factor_confirmed(tx, &begun, step, &hashes)? {
            return Err(AccountError::NoSetup);
        }
        authenticated(tx, ProofMethod::Totp)?;
        tell(tx, user, SecurityEventKind::SecondFactorAdded, SafetyNotice::SecondFactorAdded)?;
        Ok(codes.clone())
    };
    app.db.write(caller, confirm).await
}

/// Switches the second factor off: the password alone is enough from now on.
///
/// # Errors
/// `STEP_UP_REQUIRED`; [`AccountError::SecondFactorOff`].
pub async fn disable_totp(app: &App, caller: &Caller) -> Result<(), AccountError> {
    let user = oneself(caller)?;
    let disable = move |tx: &mut Tx<'_>| {
        queries::lock_user(tx, user)?;
        require_recent(tx)?;
        if switch_off(tx, user)? { Ok(()) } else { Err(AccountError::SecondFactorOff) }
    };
    app.db.write(caller, disable).await
}

/// A step: switches a person's second factor off, and tells them. False if there is none.
pub(super) fn switch_off(tx: &mut Tx<'_>, user: Id<User>) -> Result<bool, Failure> {
    queries::lock_user(tx, user)?;
    if !queries::delete_second_factor(tx, user)? {
        return Ok(false);
    }
    queries::delete_challenges(tx, user)?;
    tell(tx, user, SecurityEventKind::SecondFactorRemoved, SafetyNotice::SecondFactorRemoved)?;
    Ok(true)
}

/// Makes new recovery codes, which are told this once; those before are no good any more.
///
/// # Errors
/// `STEP_UP_REQUIRED`; [`AccountError::NoSecondFactor`].
pub async fn regenerate_recovery_codes(app: &App, caller: &Caller) -> Result<Vec<RecoveryCode>, AccountError> {
    let (user, app_of_tx) = (oneself(caller)?, app.clone());
    let renew = move |tx: &mut Tx<'_>| {
        queries::lock_user(tx, user)?;
        require_recent(tx)?;
        let factor = queries::second_factor(tx.conn(), user)?.filter(SecondFactor::is_on);
        let factor = factor.ok_or(AccountError::NoSecondFactor)?;
        let (codes, hashes) = new_codes(&app_of_tx, &secret_of(&app_of_tx, &factor)?);
        queries::set_recovery_codes(tx, user, &hashes)?;
        tell(tx, user, SecurityEventKind::RecoveryCodesRenewed, SafetyNotice::RecoveryCodesRenewed)?;
        Ok(codes)
    };
    app.db.write(caller, renew).await
}

/// New recovery codes, and the hashes under which they are stored.
fn new_codes(app: &App, secret: &TotpSecret) -> (Vec<RecoveryCode>, Vec<Vec<u8>>) {
    let codes: Vec<_> = (0..SecondFactor::RECOVERY_CODES).map(|_| RecoveryCode::generate(&app.generator)).collect();
    let hashes = codes.iter().map(|code| hash_of(secret, code)).collect();
    (codes, hashes)
}

/// A step: notes what happens to the safety of an account, and has its owner told by mail.
pub(super) fn tell(
    tx: &mut Tx<'_>,
    user: Id<User>,
    kind: SecurityEventKind,
    notice: SafetyNotice,
) -> Result<(), Failure> {
    note(tx, user, kind)?;
    tx.enqueue(&SafetyMail { user, notice })
}

/// Seals the secrets of all authenticators under the master key as it is now. Returns how many there are.
pub(super) async fn rewrap_secrets(app: &App) -> Result<usize, Failure> {
    const BATCH: i64 = 500;
    let (mut count, mut after) = (0, None);
    loop {
        let app_of_tx = app.clone();
        let reseal = move |tx: &mut Tx<'_>| {
            let secrets = queries::lock_sealed_secrets(tx, after, BATCH)?;
            for (user, sealed) in &secrets {
                let (master, owner) = (&app_of_tx.master, user.to_string());
                let secret = TotpSecret::open(master, &owner, sealed)?;
                queries::set_sealed_secret(tx, *user, &secret.seal(master, &app_of_tx.generator, &owner)?)?;
            }
            Ok::<_, Failure>((secrets.len(), secrets.last().map(|(user, _)| *user)))
        };
        let (resealed, last) = app.db.write(&Caller::system(), reseal).await?;
        if resealed == 0 {
            return Ok(count);
        }
        count += resealed;
        after = last;
    }
}
