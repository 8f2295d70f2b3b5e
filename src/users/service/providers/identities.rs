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
    model::{Identity, IdentityChange, IdentityMail, SecurityEventKind, oneself},
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
    let unlink = move |tx: &mut Tx<'_>| {
        let person = queries::lock_user(tx, user)?;
        require_recent(tx)?;
        let identities = queries::identities_of(tx.conn(), user)?;
        let is_last = person.password_hash.is_none() && identities.len() == 1;
        let identity = identities.into_iter().find(|identity| identity.id == id);
        let identity = identity.ok_or(AccountError::NoSuchIdentity)?;
        if is_last {
            return Err(AccountError::LastSignInMethod);
        }
        queries::delete_identity(tx, id)?;
        note(tx, user, SecurityEventKind::IdentityUnlinked)?;
        let issuer = identity.issuer.clone();
        tx.enqueue(&IdentityMail { user, issuer, change: IdentityChange::Unlinked })?;
        Ok(identity)
    };
    app.db.write(caller, unlink).await
}

/// The caller's accounts at other places, the oldest first.
pub async fn identities(app: &App, caller: &Caller) -> Result<Vec<Identity>, Failure> {
    let user = oneself(caller)?;
    app.db.read(move |conn| queries::identities_of(conn, user)).await
}
