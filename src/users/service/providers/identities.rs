//! The accounts at other places that somebody has linked.

use super::{
    super::{
        security_events::note,
        step_up::{require_recent, still_signed_in},
    },
    complete::{Arrival, arrive, has_no_other, link},
};
use crate::users::{
    error::AccountError,
    model::{Identity, IdentityChange, IdentityMail, SecurityEventKind, User, oneself},
    queries,
};
use crate::{
    kernel::{error::Failure, id::Id},
    platform::{app::App, caller::Caller, db::Tx},
};

/// Links the account at a provider from which the caller comes back. One that is linked already stays so.
pub async fn complete_provider_link(app: &App, caller: &Caller, arrival: Arrival) -> Result<Identity, AccountError> {
    let user = oneself(caller)?;
    let (provider, profile) = arrive(app, caller, arrival, Some(user)).await?;
    let issuer = provider.issuer().to_owned();
    let link = move |tx: &mut Tx<'_>| {
        queries::lock_user(tx, user)?;
        still_signed_in(tx)?;
        match queries::identity_by_subject(tx.conn(), &issuer, &profile.sub)? {
            Some(identity) if identity.user_id == user => Ok(identity),
            Some(_) => Err(AccountError::IdentityTaken),
            None => {
                has_no_other(tx, user, &issuer)?;
                Ok(link(tx, user, &issuer, &profile)?)
            }
        }
    };
    app.db.write(caller, link).await
}

/// Takes the link with an account at a provider away.
///
/// # Errors
/// `STEP_UP_REQUIRED`; [`AccountError::LastSignInMethod`] if nothing else would be left to sign in with.
pub async fn unlink_provider(app: &App, caller: &Caller, id: Id<Identity>) -> Result<Identity, AccountError> {
    let user = oneself(caller)?;
    let app_of_tx = app.clone();
    let unlink = move |tx: &mut Tx<'_>| {
        let person = queries::lock_user(tx, user)?;
        require_recent(tx)?;
        let identity = queries::delete_identity(tx, user, id)?.ok_or(AccountError::NoSuchIdentity)?;
        keeps_a_way_in(tx, &app_of_tx, &person, "identityId")?;
        note(tx, user, SecurityEventKind::IdentityUnlinked)?;
        let issuer = identity.issuer.clone();
        tx.enqueue(&IdentityMail { user, issuer, change: IdentityChange::Unlinked })?;
        Ok(identity)
    };
    app.db.write(caller, unlink).await
}

/// A step: whether a person, who is locked, has something left to sign in with that works in this market.
///
/// # Errors
/// [`AccountError::LastSignInMethod`] with the field that names what was the last one.
pub(in crate::users::service) fn keeps_a_way_in(
    tx: &mut Tx<'_>,
    app: &App,
    person: &User,
    field: &str,
) -> Result<(), AccountError> {
    let is_offered = |identity: &Identity| app.providers.by_issuer(&identity.issuer).is_some();
    let is_left = person.password_hash.is_some()
        || queries::identities_of(tx.conn(), person.id)?.iter().any(is_offered)
        || (app.market.passkeys.is_some() && queries::has_passkeys(tx.conn(), person.id)?);
    if is_left { Ok(()) } else { Err(AccountError::LastSignInMethod { field: field.to_owned() }) }
}

/// The caller's accounts at other places, the oldest first.
pub async fn identities(app: &App, caller: &Caller) -> Result<Vec<Identity>, Failure> {
    let user = oneself(caller)?;
    app.db.read(move |conn| queries::identities_of(conn, user)).await
}
