//! Groups: people ask others in, who come in, leave, or are removed. Each of that is a message that all who belong to it see.
//!
//! Whoever locks a group and people locks the people first.

use super::{
    filters, inviting,
    live::tell_of_part,
    post, seen,
    sending::{Pace, permit},
};
use crate::{
    kernel::{error::Failure, id::Id, text},
    messages::{
        error::MessageError,
        model::{
            Content, Conversation, Message, Seen,
            filters::Spoken,
            groups::{
                GroupAccess, GroupAccessChanged, GroupRole, GroupStep, MAXIMUM_GROUPS, MAXIMUM_TITLE, Member,
                MessageStep, heir,
            },
        },
        policy,
        queries::{self, groups},
    },
    platform::{
        app::App,
        caller::Caller,
        db::Tx,
        idempotency::{Key, Retention},
    },
    users::{
        self,
        model::{User, oneself},
    },
};

/// Makes a group that is the caller's.
pub async fn create_group(
    app: &App,
    caller: &Caller,
    idempotency_key: &str,
    title: String,
) -> Result<Id<Conversation>, MessageError> {
    let user = oneself(caller)?;
    let key = Key::new(&user, "createGroup", idempotency_key, &title, Retention::Day)?;
    let title = text::line(&title, MAXIMUM_TITLE).map_err(MessageError::Title)?;
    app.once(caller, Some(key), move |tx| {
        permit(tx, user, None)?;
        check_title(tx, &title)?;
        lock_joining(tx, user)?;
        let id = tx.new_id();
        groups::insert_group(tx, id, &title)?;
        groups::put_member(tx, id, user, GroupRole::Owner, 0)?;
        tell(tx, id, GroupStep::Created, user, Some(user))?;
        Ok(id)
    })
    .await
}

/// Lets a title pass, which strangers read who are asked in, as a message.
fn check_title(tx: &mut Tx<'_>, title: &str) -> Result<(), MessageError> {
    match filters::check(tx.conn(), &Spoken::of(title, &[])) {
        Err(MessageError::Refused) => Err(MessageError::RefusedTitle),
        other => other,
    }
}

/// Locks somebody who is about to belong to one group more.
fn lock_joining(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), MessageError> {
    users::service::lock_person(tx, user)?.ok_or(Failure::Unauthenticated(None))?;
    if groups::count_groups(tx.conn(), user, MAXIMUM_GROUPS)? >= MAXIMUM_GROUPS {
        return Err(MessageError::TooManyGroups);
    }
    Ok(())
}

/// Takes the next number for a step, which the group's members are told of. `actor` took it; who had read all before it has read it.
fn tell(
    tx: &mut Tx<'_>,
    id: Id<Conversation>,
    step: GroupStep,
    whom: Id<User>,
    actor: Option<Id<User>>,
) -> Result<Id<Message>, Failure> {
    let locked = queries::lock_for_next_number(tx, id)?;
    let locked = locked.ok_or_else(|| Failure::internal(format!("{id} does not exist")))?;
    post(tx, &locked, Content::Step { step: MessageStep::Group(step), id: whom.uuid(), actor })
}

/// Locks a group to which somebody belongs, and says in which role. For who does not, nobody waits.
fn lock(tx: &mut Tx<'_>, user: Id<User>, id: Id<Conversation>) -> Result<(GroupRole, Conversation), MessageError> {
    in_role(tx, user, id)?;
    if !groups::lock_group(tx, id)? {
        return Err(MessageError::not_found("conversationId"));
    }
    // Under the lock.
    in_role(tx, user, id)
}

/// A group to which somebody belongs, and their role in it.
fn in_role(tx: &mut Tx<'_>, user: Id<User>, id: Id<Conversation>) -> Result<(GroupRole, Conversation), MessageError> {
    let Seen { conversation, marker, .. } = seen(tx.conn(), user, id)?;
    let role = marker.role.ok_or_else(|| MessageError::not_found("conversationId"))?;
    Ok((role, conversation))
}

/// Whoever owns or moderates a group asks people in, and calls it something else.
fn permit_inviting(role: GroupRole) -> Result<(), MessageError> {
    if policy::invites(role) { Ok(()) } else { Err(MessageError::Role) }
}

/// The caller, who does something about somebody else.
fn towards(caller: &Caller, person: Id<User>) -> Result<Id<User>, MessageError> {
    let user = oneself(caller)?;
    if person == user { Err(MessageError::Oneself) } else { Ok(user) }
}

/// Changes a group that the caller owns or moderates and that nobody has changed since `expected_version`. What is absent stays.
pub async fn update_group(
    app: &App,
    caller: &Caller,
    id: Id<Conversation>,
    expected_version: i32,
    title: Option<String>,
) -> Result<Id<Conversation>, MessageError> {
    let user = oneself(caller)?;
    let title = title.map(|title| text::line(&title, MAXIMUM_TITLE)).transpose().map_err(MessageError::Title)?;
    app.db
        .write(caller, move |tx| {
            let (role, group) = lock(tx, user, id)?;
            permit_inviting(role)?;
            if group.version != expected_version {
                return Err(MessageError::StaleVersion { current: group.version });
            }
            if let Some(title) = title.as_deref().filter(|title| group.title.as_deref() != Some(*title)) {
                permit(tx, user, None)?;
                check_title(tx, title)?;
                groups::set_title(tx, id, title)?;
                tell(tx, id, GroupStep::Renamed, user, Some(user))?;
            }
            Ok(id)
        })
        .await
}

/// A step: tells somebody what a group is to them from now on.
///
/// # Errors
/// If the database fails.
pub(super) fn tell_of_group(
    tx: &mut Tx<'_>,
    conversation: Id<Conversation>,
    person: Id<User>,
    access: GroupAccess,
) -> Result<(), Failure> {
    tx.emit(&GroupAccessChanged { conversation, access: access.as_str().into() }, &[person.uuid()])
}

/// A step: whether somebody sees that they are asked into a group.
///
/// # Errors
/// If the database fails.
pub(super) fn sees_invitation(tx: &mut Tx<'_>, id: Id<Conversation>, person: Id<User>) -> Result<bool, Failure> {
    groups::sees_invitation(tx.conn(), person, id)
}

/// Asks somebody to come into a group. They do not see it if they have blocked the caller, who is told nothing of that.
pub async fn invite(
    app: &App,
    caller: &Caller,
    id: Id<Conversation>,
    person: Id<User>,
) -> Result<Id<Conversation>, MessageError> {
    let user = towards(caller, person)?;
    let pace = Pace::of(app, user);
    app.db
        .write(caller, move |tx| {
            if !queries::has_person(tx.conn(), person)? {
                return Err(MessageError::not_found("userId"));
            }
            permit(tx, user, None)?;
            let (has_blocked, _) = users::service::blocks_between(tx, user, person)?;
            let (role, _) = lock(tx, user, id)?;
            if has_blocked {
                return Err(MessageError::Blocked);
            }
            permit_inviting(role)?;
            let members = groups::members(tx.conn(), id)?;
            if members.iter().any(|member| member.user_id == person) {
                return Err(MessageError::AlreadyMember);
            }
            inviting::ask(tx, &pace, id, (user, person), members.len())?;
            Ok(id)
        })
        .await
}

/// Has somebody be asked no more.
pub async fn withdraw_invitation(
    app: &App,
    caller: &Caller,
    id: Id<Conversation>,
    person: Id<User>,
) -> Result<Id<Conversation>, MessageError> {
    let user = oneself(caller)?;
    app.db
        .write(caller, move |tx| {
            let (role, _) = lock(tx, user, id)?;
            permit_inviting(role)?;
            let is_seen = sees_invitation(tx, id, person)?;
            if !groups::delete_invitation(tx, id, person)? {
                return Err(MessageError::not_found("userId"));
            }
            if is_seen {
                tell_of_group(tx, id, person, GroupAccess::Withdrawn)?;
            }
            Ok(id)
        })
        .await
}

/// Comes into a group to which the caller was asked. They see what is written from then on. Once more changes nothing.
pub async fn accept_invitation(
    app: &App,
    caller: &Caller,
    id: Id<Conversation>,
) -> Result<Id<Conversation>, MessageError> {
    let user = oneself(caller)?;
    app.db
        .write(caller, move |tx| {
            // Under the lock, and before it is asked whether they may belong to one more.
            users::service::lock_person(tx, user)?.ok_or(Failure::Unauthenticated(None))?;
            if groups::past_of(tx.conn(), id, user)? == Some(true) {
                return Ok(id);
            }
            lock_joining(tx, user)?;
            lock_invited(tx, user, id)?;
            groups::delete_invitation(tx, id, user)?;
            let locked = queries::lock_for_next_number(tx, id)?;
            let locked = locked.ok_or_else(|| MessageError::not_found("conversationId"))?;
            groups::put_member(tx, id, user, GroupRole::Member, locked.last_number - 1)?;
            queries::held::forget_places(tx, id, user)?;
            let step = MessageStep::Group(GroupStep::Joined);
            post(tx, &locked, Content::Step { step, id: user.uuid(), actor: Some(user) })?;
            tell_of_part(tx, id, user)?;
            Ok(id)
        })
        .await
}

/// Does not come into a group to which the caller was asked. For a while they are not asked again. Once more changes nothing.
pub async fn decline_invitation(
    app: &App,
    caller: &Caller,
    id: Id<Conversation>,
) -> Result<Id<Conversation>, MessageError> {
    let user = oneself(caller)?;
    app.db
        .write(caller, move |tx| {
            if groups::invitation(tx.conn(), id, user)?.is_some_and(|asked| !asked.is_open()) {
                return Ok(id);
            }
            lock_invited(tx, user, id)?;
            groups::set_declined(tx, id, user)?;
            Ok(id)
        })
        .await
}

/// Locks a group to which somebody sees an invitation. For who sees none, nobody waits.
fn lock_invited(tx: &mut Tx<'_>, user: Id<User>, id: Id<Conversation>) -> Result<(), MessageError> {
    // Once more under the lock.
    if !sees_invitation(tx, id, user)? || !groups::lock_group(tx, id)? || !sees_invitation(tx, id, user)? {
        return Err(MessageError::not_found("conversationId"));
    }
    Ok(())
}

/// Has the caller belong to a group no more. Once more changes nothing.
pub async fn leave_group(app: &App, caller: &Caller, id: Id<Conversation>) -> Result<Id<Conversation>, MessageError> {
    let user = oneself(caller)?;
    app.db
        .write(caller, move |tx| {
            match lock(tx, user, id) {
                Ok(_) => leave(tx, id, user)?,
                Err(MessageError::NotFound { .. }) if groups::past_of(tx.conn(), id, user)? == Some(false) => {}
                Err(error) => return Err(error),
            }
            Ok(id)
        })
        .await
}

/// A step: somebody leaves a group, if they belong to it. If it was theirs, it becomes somebody else's.
///
/// # Errors
/// If the database fails.
pub(super) fn leave(tx: &mut Tx<'_>, id: Id<Conversation>, person: Id<User>) -> Result<(), Failure> {
    groups::lock_group(tx, id)?;
    let members = groups::members(tx.conn(), id)?;
    let (own, others): (Vec<Member>, Vec<Member>) = members.into_iter().partition(|member| member.user_id == person);
    let Some(own) = own.first() else { return Ok(()) };
    end_membership(tx, id, person, GroupStep::Left, person)?;
    let Some(heir) = heir(&others) else { return groups::delete_invitations_to(tx, id) };
    if own.role == Some(GroupRole::Owner) {
        groups::set_role(tx, id, heir, GroupRole::Owner)?;
        tell(tx, id, GroupStep::OwnerChanged, heir, None)?;
        tell_of_part(tx, id, heir)?;
    }
    Ok(())
}

/// Has somebody belong to a group no more, by a step that `actor` took.
fn end_membership(
    tx: &mut Tx<'_>,
    id: Id<Conversation>,
    person: Id<User>,
    step: GroupStep,
    actor: Id<User>,
) -> Result<(), Failure> {
    groups::set_left(tx, id, person)?;
    inviting::withdraw_those_of(tx, id, person)?;
    tell(tx, id, step, person, Some(actor))?;
    users::service::tell_of_access(tx, person)
}

/// Removes somebody else from a group.
pub async fn remove_from_group(
    app: &App,
    caller: &Caller,
    id: Id<Conversation>,
    person: Id<User>,
) -> Result<Id<Conversation>, MessageError> {
    let user = towards(caller, person)?;
    app.db
        .write(caller, move |tx| {
            let (role, _) = lock(tx, user, id)?;
            if !policy::removes(role, role_of(tx, id, person)?) {
                return Err(MessageError::Role);
            }
            end_membership(tx, id, person, GroupStep::Removed, user)?;
            tell_of_group(tx, id, person, GroupAccess::Removed)?;
            Ok(id)
        })
        .await
}

/// Changes what somebody else may do in a group that is the caller's. Who makes another one its owner becomes a moderator.
pub async fn set_group_role(
    app: &App,
    caller: &Caller,
    id: Id<Conversation>,
    person: Id<User>,
    role: GroupRole,
) -> Result<Id<Conversation>, MessageError> {
    let user = oneself(caller)?;
    app.db
        .write(caller, move |tx| {
            let (own, _) = lock(tx, user, id)?;
            let before = role_of(tx, id, person)?;
            if own != GroupRole::Owner {
                return Err(MessageError::Role);
            }
            if person == user {
                return Err(MessageError::Oneself);
            }
            if before == role {
                return Ok(id);
            }
            groups::set_role(tx, id, person, role)?;
            if !policy::invites(role) {
                inviting::withdraw_those_of(tx, id, person)?;
            }
            if role == GroupRole::Owner {
                groups::set_role(tx, id, user, GroupRole::Moderator)?;
                tell(tx, id, GroupStep::OwnerChanged, person, Some(user))?;
                tell_of_part(tx, id, user)?;
            }
            tell_of_part(tx, id, person)?;
            Ok(id)
        })
        .await
}

/// What somebody may do in a locked group.
fn role_of(tx: &mut Tx<'_>, id: Id<Conversation>, person: Id<User>) -> Result<GroupRole, MessageError> {
    let members = groups::members(tx.conn(), id)?;
    let found = members.into_iter().find(|member| member.user_id == person);
    found.and_then(|member| member.role).ok_or_else(|| MessageError::not_found("userId"))
}
