//! Coming back from a provider: signed in, with an account that there was or a new one.

use super::{
    super::{
        challenges::{Finished, finish_sign_in},
        erasure::inherit,
        security_events::note,
        session::{Proven, SignInOutcome, open_session},
    },
    VERIFIER, redirect_uri, told,
};
use crate::users::{
    error::AccountError,
    model::{Identity, IdentityChange, IdentityMail, ProviderFlow, Role, SecurityEventKind, User},
    queries::{self, NewIdentity, NewUser},
    service::links::linked,
};
use crate::{
    kernel::{error::Failure, id::Id, place::Locale, text},
    platform::{
        app::App,
        caller::Caller,
        crypto::{Profile, UserInfo, hash_token},
        db::Tx,
        oidc::{Callback, CodeVerifier, Provider},
    },
};

/// What somebody came back with.
pub struct Arrival {
    pub state: String,
    pub callback: Callback,
    /// The secret that they got when they went.
    pub binding: Option<String>,
}

/// Signs in whoever comes back from a provider.
pub async fn complete_provider_sign_in(
    app: &App,
    caller: &Caller,
    arrival: Arrival,
) -> Result<SignInOutcome, AccountError> {
    let (provider, profile) = arrive(app, caller, arrival, None).await?;
    let issuer = provider.issuer().to_owned();
    let locale = caller.request.locale.clone().unwrap_or_default();
    let app_of_tx = app.clone();
    let open = move |tx: &mut Tx<'_>| person(tx, &app_of_tx, &issuer, &profile, &locale);
    app.db.write(caller, open).await?.outcome(app)
}

/// Who came back, and from where. The flow is used up first, whatever comes of it: of two at once, one goes on.
pub(super) async fn arrive<'a>(
    app: &'a App,
    caller: &Caller,
    arrival: Arrival,
    user: Option<Id<User>>,
) -> Result<(&'a Provider, Profile), AccountError> {
    let id: Id<ProviderFlow> = linked(app, &arrival.state).ok_or(AccountError::NotExpected)?;
    let binding_hash = hash_token(arrival.binding.as_deref().unwrap_or_default());
    let use_up = move |tx: &mut Tx<'_>| {
        let now = tx.now();
        queries::set_provider_flow_used(tx, id, &binding_hash, user, now)
    };
    let flow = app.db.write(caller, use_up).await?.ok_or(AccountError::NotExpected)?;
    // The operator may have taken it out meanwhile.
    let provider = app.providers.by_key(&flow.provider).ok_or(AccountError::NotExpected)?;
    let bytes = app.master.open(VERIFIER, &id.to_string(), &flow.sealed_verifier)?;
    let bytes = bytes.as_slice().try_into().map_err(Failure::internal)?;
    let (redirect_uri, verifier) = (redirect_uri(app, provider), CodeVerifier::of(bytes));
    let profile = provider.exchange(&app.http, &app.clock, &arrival.callback, &redirect_uri, &verifier);
    let profile = Box::pin(profile).await;
    Ok((provider, profile.map_err(|error| told(provider, &error))?))
}

/// A step: signs in whose account at the provider it is; else who has the address, if the provider says that it is theirs;
/// else somebody new. Beside a second factor the address links nothing: that is not given yet.
fn person(
    tx: &mut Tx<'_>,
    app: &App,
    issuer: &str,
    profile: &Profile,
    locale: &Locale,
) -> Result<Finished, AccountError> {
    let now = tx.now();
    let proven = Proven::by_provider(profile.asked_at, now);
    if let Some(user) = known(tx, issuer, profile)? {
        return Ok(finish_sign_in(tx, user, proven)?);
    }
    let email = profile.verified_email().ok_or_else(|| match profile.user_info {
        UserInfo::Missing => AccountError::ProviderUnavailable,
        UserInfo::Known => AccountError::EmailNotVerified,
    })?;
    let email = email.trim().to_owned();
    let email_key = text::email_key(&email).ok_or(AccountError::EmailNotVerified)?;
    queries::lock_address(tx, &email_key)?;
    // Somebody else may have waited for the address before us.
    if let Some(user) = known(tx, issuer, profile)? {
        return Ok(finish_sign_in(tx, user, proven)?);
    }
    // Whoever waits with a password of theirs for a code to this address must not get in by it.
    queries::set_verifications_over(tx, &email_key, now)?;
    let owner = queries::by_email(tx.conn(), &email_key)?;
    if let Some(owner) = owner {
        has_no_other(tx, owner.id, issuer)?;
        if queries::second_factor(tx.conn(), owner.id)?.is_none_or(|factor| !factor.is_on()) {
            link(tx, owner.id, issuer, profile)?;
        }
        return Ok(finish_sign_in(tx, owner.id, proven)?);
    }
    let new = NewUser {
        id: tx.new_id(),
        email: Some(&email),
        email_key: Some(&email_key),
        password_hash: None,
        display_name: &display_name(profile),
        role: Role::Member,
        locale,
        is_demo: false,
        created_at: now,
    };
    let user = queries::insert_user(tx, &new).map_err(taken_meanwhile)?.id;
    insert(tx, user, issuer, profile)?;
    inherit(tx, &app.master, user, &email_key)?;
    note(tx, user, SecurityEventKind::SignedUp)?;
    Ok(Finished::Session(open_session(tx, user, proven)?))
}

/// A step: who signs in with an account at a provider that is known.
fn known(tx: &mut Tx<'_>, issuer: &str, profile: &Profile) -> Result<Option<Id<User>>, Failure> {
    let Some(identity) = queries::identity_by_subject(tx.conn(), issuer, &profile.sub)? else { return Ok(None) };
    let now = tx.now();
    queries::lock_user(tx, identity.user_id)?;
    if !queries::set_identity_used(tx, &identity, now)? {
        return Ok(None);
    }
    Ok(Some(identity.user_id))
}

/// What only one person has.
const TAKEN: [&str; 3] = ["users_email_key", "identities_subject", "identities_user"];

/// A confirmation by code may take the address at this very moment, or a link the account. The next look sees who has it.
fn taken_meanwhile(failure: Failure) -> Failure {
    match failure {
        failure if TAKEN.iter().any(|constraint| failure.violates(constraint)) => {
            Failure::Contention("an address, or an account elsewhere, was taken meanwhile".into())
        }
        failure => failure,
    }
}

/// A step: locks a person, who must have no account at a provider that is linked.
///
/// # Errors
/// [`AccountError::IdentityTaken`] if they have: an address that changed hands at the provider must not open what belongs to
/// its former owner.
pub(super) fn has_no_other(tx: &mut Tx<'_>, user: Id<User>, issuer: &str) -> Result<(), AccountError> {
    queries::lock_user(tx, user)?;
    let is_another = |identity: &Identity| identity.issuer == issuer;
    if queries::identities_of(tx.conn(), user)?.iter().any(is_another) {
        return Err(AccountError::IdentityTaken);
    }
    Ok(())
}

/// A step: links an account at a provider with somebody's, who has no other one there, and tells them.
pub(super) fn link(tx: &mut Tx<'_>, user: Id<User>, issuer: &str, profile: &Profile) -> Result<Identity, Failure> {
    let identity = insert(tx, user, issuer, profile)?;
    note(tx, user, SecurityEventKind::IdentityLinked)?;
    tx.enqueue(&IdentityMail { user, issuer: issuer.to_owned(), change: IdentityChange::Linked })?;
    Ok(identity)
}

fn insert(tx: &mut Tx<'_>, user: Id<User>, issuer: &str, profile: &Profile) -> Result<Identity, Failure> {
    let now = tx.now();
    let new = NewIdentity {
        id: tx.new_id(),
        user_id: user,
        issuer,
        subject: &profile.sub,
        email: profile.email.as_deref().filter(|email| text::email_key(email).is_some()),
        created_at: now,
        last_used_at: now,
    };
    queries::insert_identity(tx, &new).map_err(taken_meanwhile)
}

/// The name to go by: what the provider tells, as far as it is a name. Never the address, which everybody would see.
fn display_name(profile: &Profile) -> String {
    let told = profile.name.as_deref().unwrap_or_default();
    let told: String = told.trim().chars().take(80).collect();
    match text::line(&told, 80) {
        Ok(name) if !name.contains('@') => name,
        _ => "Member".into(),
    }
}
