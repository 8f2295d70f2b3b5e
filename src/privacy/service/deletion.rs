//! Asking to be erased, and thinking better of it.

use crate::{
    kernel::{error::Failure, id::Id},
    platform::{app::App, caller::Caller, clock::Time, db::Tx},
    privacy::{
        error::PrivacyError,
        model::{AccountDeletion, Notice, NoticeMail},
        queries,
    },
    shops,
    users::{
        self,
        model::{Role, SecurityEventKind, User, oneself},
    },
};

/// Has the caller erased after the time of grace. Once more changes nothing.
///
/// # Errors
/// [`PrivacyError::LastOwner`]; [`PrivacyError::Staff`], whose role somebody else has to take away first.
pub async fn delete_account(app: &App, caller: &Caller) -> Result<AccountDeletion, PrivacyError> {
    let (user, grace) = (oneself(caller)?, app.market.privacy.deletion_grace);
    app.db
        .write(caller, move |tx| {
            let role = users::service::lock_person(tx, user)?.ok_or(Failure::Unauthenticated(None))?;
            users::service::require_recent(tx)?;
            if let Some(deletion) = queries::deletion(tx.conn(), user)? {
                return Ok(deletion);
            }
            if role != Role::Member {
                return Err(PrivacyError::Staff);
            }
            if shops::service::is_last_owner(tx.conn(), user)? {
                return Err(PrivacyError::LastOwner);
            }
            let due_at = tx.now() + grace;
            let deletion = queries::insert_deletion(tx, user, due_at)?;
            users::service::note(tx, user, SecurityEventKind::DeletionRequested)?;
            tx.enqueue(&NoticeMail { user, notice: Notice::DeletionRequested, day: due_at })?;
            Ok(deletion)
        })
        .await
}

/// Lets the caller stay. Changes nothing if nobody was about to erase them.
pub async fn cancel_account_deletion(app: &App, caller: &Caller) -> Result<(), PrivacyError> {
    let user = oneself(caller)?;
    app.db
        .write(caller, move |tx| {
            users::service::lock_person(tx, user)?.ok_or(Failure::Unauthenticated(None))?;
            if queries::delete_deletion(tx, user)? {
                users::service::note(tx, user, SecurityEventKind::DeletionCancelled)?;
                tell(tx, user, Notice::DeletionCancelled)?;
            }
            Ok(())
        })
        .await
}

/// A step: tells a person what became of what they asked for.
pub(super) fn tell(tx: &mut Tx<'_>, user: Id<User>, notice: Notice) -> Result<(), Failure> {
    let day: Time = tx.now();
    tx.enqueue(&NoticeMail { user, notice, day })
}

/// Whether, and when, the caller is to be erased.
pub async fn account_deletion(app: &App, caller: &Caller) -> Result<Option<AccountDeletion>, Failure> {
    let user = oneself(caller)?;
    app.db.read(move |conn| queries::deletion(conn, user)).await
}
