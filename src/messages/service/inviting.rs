//! Asking people into groups: whom not again, how many, and for how long that stands.

use super::{
    groups::{sees_invitation, tell_of_group},
    sending::Pace,
};
use crate::{
    kernel::{error::Failure, id::Id},
    messages::{
        error::MessageError,
        model::{
            Conversation, direct_key,
            groups::{GroupAccess, GroupAccessChanged, Invitation, MAXIMUM_MEMBERS},
        },
        queries::groups,
    },
    platform::db::Tx,
    users::model::User,
};

/// A step: asks somebody into a locked group, to which so many belong, and they do not. Who is asked already is not asked again, nor who did not
/// want to come in lately: nobody is told which. Who was asked by somebody whom they do not hear is asked by whoever asks now.
///
/// # Errors
/// If there is no place left, or whoever asks has asked too many.
pub(super) fn ask(
    tx: &mut Tx<'_>,
    pace: &Pace,
    id: Id<Conversation>,
    (inviter, person): (Id<User>, Id<User>),
    members: usize,
) -> Result<(), MessageError> {
    let now = tx.now();
    let before = groups::invitation(tx.conn(), id, person)?;
    if before.is_some_and(|before| before.was_declined(now)) {
        return Ok(());
    }
    match before.filter(Invitation::is_open) {
        Some(open) if open.inviter_id == inviter || sees_invitation(tx, id, person)? => return Ok(()),
        // So whoever was asked finds a place.
        None if members + groups::invitations_to(tx.conn(), &[id])?.len() >= MAXIMUM_MEMBERS => {
            return Err(MessageError::GroupFull);
        }
        Some(_) | None => {}
    }
    pace.count_contact(tx, &direct_key(inviter, person), false)?;
    if groups::count_invitations_by(tx.conn(), inviter, Invitation::MAXIMUM_OPEN)? >= Invitation::MAXIMUM_OPEN {
        return Err(MessageError::TooManyInvitations);
    }
    groups::put_invitation(tx, id, person, inviter)?;
    if sees_invitation(tx, id, person)? {
        tell_of_group(tx, id, person, GroupAccess::Invited)?;
    }
    Ok(())
}

/// A step: whom somebody has asked into a locked group is asked no more, for they ask nobody in any more.
///
/// # Errors
/// If the database fails.
pub(super) fn withdraw_those_of(tx: &mut Tx<'_>, id: Id<Conversation>, inviter: Id<User>) -> Result<(), Failure> {
    let told: Vec<_> = groups::delete_invitations_by(tx, id, inviter)?.into_iter().map(Id::uuid).collect();
    if told.is_empty() {
        return Ok(());
    }
    tx.emit(&GroupAccessChanged { conversation: id, access: GroupAccess::Withdrawn.as_str().into() }, &told)
}
