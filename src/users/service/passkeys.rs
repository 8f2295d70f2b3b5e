//! Passkeys: made, named, removed, and what they prove.

use super::{
    name,
    providers::keeps_a_way_in,
    second_factor::tell,
    security_events::note,
    session::{Tokens, open_session, tokens},
    step_up::{require_recent, still_signed_in},
};
use crate::users::{
    error::AccountError,
    model::{Passkey, ProofMethod, SafetyNotice, SecurityEventKind, User, oneself},
    queries::{self, TakenCeremony},
};
use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        app::App,
        caller::Caller,
        crypto::{AuthenticationAnswer, InvalidPasskey, RegistrationAnswer, RelyingParty, StoredPasskey},
        db::Tx,
    },
};

impl From<InvalidPasskey> for AccountError {
    fn from(_: InvalidPasskey) -> Self {
        Self::InvalidPasskey
    }
}

/// # Errors
/// [`AccountError::PasskeysUnavailable`] where the market has no domain.
fn relying_party(app: &App) -> Result<&RelyingParty, AccountError> {
    app.market.passkeys.as_ref().ok_or(AccountError::PasskeysUnavailable)
}

/// The caller's passkeys, the newest first.
pub async fn passkeys(app: &App, caller: &Caller) -> Result<Vec<Passkey>, Failure> {
    let user = oneself(caller)?;
    app.db.read(move |conn| queries::passkeys(conn, user)).await
}

/// What an authenticator is asked for a new passkey of the caller, in JSON.
///
/// # Errors
/// `STEP_UP_REQUIRED`; [`AccountError::PasskeysUnavailable`]; [`AccountError::TooManyPasskeys`].
pub async fn begin_passkey_registration(app: &App, caller: &Caller) -> Result<String, AccountError> {
    let (user, party) = (oneself(caller)?, relying_party(app)?.clone());
    let begin = move |tx: &mut Tx<'_>| {
        let person = queries::lock_user(tx, user)?;
        require_recent(tx)?;
        let known = queries::passkeys(tx.conn(), user)?;
        has_room(known.len())?;
        let known: Vec<_> = known.iter().map(Passkey::stored).collect();
        let account = person.email.as_deref().unwrap_or(&person.display_name);
        let ceremony = party.register(user.uuid(), account, &person.display_name, &known)?;
        queries::insert_ceremony(tx, Some(user), &ceremony)?;
        Ok(ceremony.options)
    };
    app.db.write(caller, begin).await
}

fn has_room(passkeys: usize) -> Result<(), AccountError> {
    let has_room = i64::try_from(passkeys).is_ok_and(|passkeys| passkeys < Passkey::MAXIMUM);
    if has_room { Ok(()) } else { Err(AccountError::TooManyPasskeys) }
}

/// Takes the new passkey that an authenticator answered with.
///
/// # Errors
/// [`AccountError::InvalidPasskey`]; [`AccountError::InvalidCeremony`]; [`AccountError::TooManyPasskeys`].
pub async fn add_passkey(
    app: &App,
    caller: &Caller,
    name_given: &str,
    credential: &str,
) -> Result<Passkey, AccountError> {
    let (user, party, name) = (oneself(caller)?, relying_party(app)?, name("name", name_given)?);
    let answer = RegistrationAnswer::read(credential)?;
    let ceremony = take_ceremony(app, caller, answer.challenge()?).await?;
    if ceremony.user_id != Some(user) {
        return Err(AccountError::InvalidCeremony);
    }
    let made = party.registered(&ceremony.state, &answer)?;
    let add = move |tx: &mut Tx<'_>| {
        queries::lock_user(tx, user)?;
        still_signed_in(tx)?;
        has_room(queries::passkeys(tx.conn(), user)?.len())?;
        let passkey = queries::insert_passkey(tx, user, &name, &made)?;
        tell(tx, user, SecurityEventKind::PasskeyAdded, SafetyNotice::PasskeyAdded)?;
        Ok(passkey)
    };
    match app.db.write(caller, add).await {
        // No authenticator makes the same one twice.
        Err(AccountError::Failed(failure)) if failure.violates("passkeys_credential_key") => {
            Err(AccountError::InvalidPasskey)
        }
        added => added,
    }
}

/// Calls a passkey something else.
pub async fn rename_passkey(
    app: &App,
    caller: &Caller,
    id: Id<Passkey>,
    name_given: &str,
) -> Result<Passkey, AccountError> {
    let (user, name) = (oneself(caller)?, name("name", name_given)?);
    let rename =
        move |tx: &mut Tx<'_>| queries::set_passkey_name(tx, user, id, &name)?.ok_or(AccountError::NoSuchPasskey);
    app.db.write(caller, rename).await
}

/// Has a passkey prove nothing any more.
///
/// # Errors
/// `STEP_UP_REQUIRED`; [`AccountError::NoSuchPasskey`]; [`AccountError::LastSignInMethod`].
pub async fn remove_passkey(app: &App, caller: &Caller, id: Id<Passkey>) -> Result<Passkey, AccountError> {
    let (user, app_of_tx) = (oneself(caller)?, app.clone());
    let remove = move |tx: &mut Tx<'_>| {
        let person = queries::lock_user(tx, user)?;
        require_recent(tx)?;
        let removed = queries::delete_passkey(tx, user, id)?.ok_or(AccountError::NoSuchPasskey)?;
        keeps_a_way_in(tx, &app_of_tx, &person, "passkeyId")?;
        tell(tx, user, SecurityEventKind::PasskeyRemoved, SafetyNotice::PasskeyRemoved)?;
        Ok(removed)
    };
    app.db.write(caller, remove).await
}

/// What an authenticator is asked for any passkey of this market's, in JSON.
///
/// # Errors
/// [`AccountError::PasskeysUnavailable`].
pub async fn begin_passkey_authentication(app: &App, caller: &Caller) -> Result<String, AccountError> {
    let ceremony = relying_party(app)?.authenticate()?;
    let begin = move |tx: &mut Tx<'_>| {
        queries::insert_ceremony(tx, None, &ceremony)?;
        Ok(ceremony.options.clone())
    };
    app.db.write(caller, begin).await
}

/// Signs in by a passkey, which is asked for no second factor: it is two by itself.
///
/// # Errors
/// [`AccountError::InvalidPasskey`]; [`AccountError::InvalidCeremony`].
pub async fn sign_in_with_passkey(app: &App, caller: &Caller, credential: &str) -> Result<Tokens, AccountError> {
    let right = check_passkey(app, caller, credential).await?;
    let open = move |tx: &mut Tx<'_>| {
        let by = right.take(tx)?;
        note(tx, right.user, SecurityEventKind::SignedIn)?;
        Ok::<_, AccountError>(open_session(tx, right.user, by)?)
    };
    let session = app.db.write(caller, open).await?;
    tokens(app, &session)
}

/// A passkey whose authenticator has answered well.
#[derive(Clone)]
pub(super) struct RightPasskey {
    pub user: Id<User>,
    id: Id<Passkey>,
    used: StoredPasskey,
}

/// Looks at the answer of an authenticator. The ceremony ends, whatever comes of it.
pub(super) async fn check_passkey(app: &App, caller: &Caller, credential: &str) -> Result<RightPasskey, AccountError> {
    let (party, answer) = (relying_party(app)?, AuthenticationAnswer::read(credential)?);
    let ceremony = take_ceremony(app, caller, answer.challenge()?).await?;
    let credential_id = answer.credential_id();
    let known = app.db.read(move |conn| queries::passkey_by_credential(conn, &credential_id)).await?;
    let known = known.filter(|_| ceremony.user_id.is_none()).ok_or(AccountError::InvalidPasskey)?;
    let used = party.authenticated(&ceremony.state, &answer, known.user_id.uuid(), &known.stored())?;
    Ok(RightPasskey { user: known.user_id, id: known.id, used })
}

async fn take_ceremony(app: &App, caller: &Caller, challenge: Vec<u8>) -> Result<TakenCeremony, AccountError> {
    let take = move |tx: &mut Tx<'_>| queries::take_ceremony(tx, &challenge)?.ok_or(AccountError::InvalidCeremony);
    app.db.write(caller, take).await
}

impl RightPasskey {
    /// A step: notes the use. Locks the person and then the passkey. A count that only a copy of the key can have is told to
    /// its owner, and keeps nobody out: authenticators that several devices share count badly.
    ///
    /// # Errors
    /// [`AccountError::InvalidPasskey`] if it was removed.
    pub(super) fn take(&self, tx: &mut Tx<'_>) -> Result<ProofMethod, AccountError> {
        queries::lock_user(tx, self.user)?;
        let locked = queries::lock_passkey(tx, self.id)?.ok_or(AccountError::InvalidPasskey)?;
        queries::set_passkey_used(tx, &locked, &self.used)?;
        if locked.is_copied(self.used.sign_count) {
            tell(tx, self.user, SecurityEventKind::PasskeyCopied, SafetyNotice::PasskeyCopied)?;
        }
        Ok(ProofMethod::Passkey)
    }
}

/// Forgets ceremonies that no authenticator answered in time.
pub async fn forget_ceremonies(app: &App, caller: &Caller) -> Result<(), Failure> {
    const BATCH: i64 = 1_000;
    let forget = |tx: &mut Tx<'_>| {
        let now = tx.now();
        queries::delete_old_ceremonies(tx, now, BATCH)
    };
    app.db.write_in_batches(caller, forget).await
}
