//! What the market's staff do about people: in their name, and to what they are. All of it is noted for them to see.

use uuid::Uuid;

use super::{second_factor::switch_off, security_events::note, step_up::require_recent};
use crate::users::{
    error::AccountError,
    model::{AuditEntry, Role, SecurityEventKind, SessionEnd, StaffGrant, User, oneself},
    queries::{self, NewAuditEntry, NewStaffGrant},
};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
        text,
    },
    platform::{
        app::App,
        caller::{Caller, OnBehalf, StaffPermission, Who},
        db::{Conn, Tx},
    },
};

fn reason(given: &str) -> Result<String, AccountError> {
    text::line(given, 500).map_err(|error| AccountError::Text { field: "reason".into(), error })
}

/// A person who is there.
fn somebody(conn: &mut Conn, id: Id<User>) -> Result<User, AccountError> {
    queries::somebody(conn, id)?.ok_or(AccountError::NoSuchPerson)
}

/// People of the staff who are told of one thing at the most.
const TOLD: i64 = 10;

/// A step: some of the staff who may do this, in the order in which they came.
///
/// # Errors
/// If the database fails.
pub fn staff_who_may(conn: &mut Conn, permission: StaffPermission) -> Result<Vec<Id<User>>, Failure> {
    let roles = [Role::Support, Role::Admin].into_iter().filter(|role| role.may(permission)).collect();
    queries::staff_with(conn, roles, TOLD)
}

/// A step: whether somebody is of the staff and may do this.
///
/// # Errors
/// If the database fails.
pub fn staff_may(conn: &mut Conn, person: Id<User>, permission: StaffPermission) -> Result<bool, Failure> {
    Ok(queries::somebody(conn, person)?.is_some_and(|person| person.role.may(permission)))
}

/// A step: notes for a person what one of the staff, or the operator, does about them: the mutations that they sent.
pub fn audit(
    tx: &mut Tx<'_>,
    user: Id<User>,
    grant: Option<Id<StaffGrant>>,
    reason: &str,
    actions: &[&str],
) -> Result<(), Failure> {
    let (staff_id, created_at) = (tx.caller().in_person().map(|staff| Id::from_uuid(staff.user)), tx.now());
    let mut entries = Vec::with_capacity(actions.len());
    for action in actions {
        let id = tx.new_id();
        let (user_id, grant_id) = (Some(user), grant);
        entries.push(NewAuditEntry { id, user_id, staff_id, grant_id, action, reason, created_at, about_id: None });
    }
    queries::insert_audit_entries(tx, &entries)
}

/// A step: notes what one of the staff does about something of a guest's, for the operator to look at.
///
/// # Errors
/// If the database fails.
pub fn audit_of_guest(tx: &mut Tx<'_>, about: Uuid, reason: &str, action: &str) -> Result<(), Failure> {
    let (staff_id, created_at) = (tx.caller().in_person().map(|staff| Id::from_uuid(staff.user)), tx.now());
    let (id, about_id) = (tx.new_id(), Some(about));
    let entry = NewAuditEntry { id, user_id: None, staff_id, grant_id: None, action, reason, created_at, about_id };
    queries::insert_audit_entries(tx, &[entry])
}

/// Begins to act in a person's name, for [`StaffGrant::LIFETIME`]. Nobody acts in the name of the staff.
pub async fn act_on_behalf(
    app: &App,
    caller: &Caller,
    user: Id<User>,
    reason_given: &str,
) -> Result<StaffGrant, AccountError> {
    let (staff, reason) = (oneself(caller)?, reason(reason_given)?);
    app.db
        .write(caller, move |tx| {
            require_recent(tx)?;
            if user == staff || somebody(tx.conn(), user)?.role != Role::Member {
                return Err(AccountError::NotPermitted);
            }
            let now = tx.now();
            let grant = NewStaffGrant {
                id: tx.new_id(),
                staff_id: staff,
                user_id: user,
                reason: &reason,
                created_at: now,
                expires_at: now + StaffGrant::LIFETIME,
            };
            let grant = queries::insert_staff_grant(tx, &grant)?;
            audit(tx, user, Some(grant.id), &reason, &["actOnBehalf"])?;
            Ok(grant)
        })
        .await
}

/// Ends it before its time.
pub async fn end_acting(app: &App, caller: &Caller, id: Id<StaffGrant>) -> Result<StaffGrant, AccountError> {
    let staff = oneself(caller)?;
    app.db
        .write(caller, move |tx| {
            let grant = queries::set_grant_ended(tx, staff, id)?.ok_or(AccountError::NoSuchGrant)?;
            audit(tx, grant.user_id, Some(grant.id), &grant.reason, &["endActing"])?;
            Ok(grant)
        })
        .await
}

/// Who one of the staff is who names a leave to act in somebody's name.
///
/// # Errors
/// `FORBIDDEN` if it is not theirs, or over, or they or the person are something else by now.
pub async fn on_behalf(app: &App, who: Who, id: Id<StaffGrant>) -> Result<Who, Failure> {
    let Who::Staff(staff, role) = who else { return Err(Failure::Forbidden) };
    if !role.may(StaffPermission::ActOnBehalf) {
        return Err(Failure::Forbidden);
    }
    let now = app.now();
    let found = app
        .db
        .read(move |conn| {
            let grant = queries::staff_grant(conn, id)?;
            let good = grant.filter(|grant| grant.is_good_for(Id::from_uuid(staff.user), now));
            let Some(grant) = good else { return Ok::<_, Failure>(None) };
            let person = queries::somebody(conn, grant.user_id)?;
            Ok(person.filter(|person| person.role == Role::Member).map(|person| person.id))
        })
        .await?;
    let person = found.ok_or(Failure::Forbidden)?.uuid();
    Ok(Who::OnBehalf(OnBehalf { person, staff, grant: id.uuid() }))
}

/// Notes what one of the staff is about to do in somebody's name, before it is done.
pub async fn note_on_behalf(app: &App, caller: &Caller, actions: Vec<String>) -> Result<(), Failure> {
    let Some(OnBehalf { person, grant, .. }) = caller.on_behalf() else { return Ok(()) };
    let (user, id) = (Id::from_uuid(person), Id::from_uuid(grant));
    app.db
        .write(caller, move |tx| {
            let grant = queries::staff_grant(tx.conn(), id)?.ok_or(Failure::Forbidden)?;
            let actions: Vec<_> = actions.iter().map(String::as_str).collect();
            audit(tx, user, Some(id), &grant.reason, &actions)
        })
        .await
}

/// Makes a person something else to the market, on every process within a second. Nobody does so to themself.
pub async fn set_user_role(
    app: &App,
    caller: &Caller,
    user: Id<User>,
    role: Role,
    reason_given: &str,
) -> Result<User, AccountError> {
    let (staff, reason) = (oneself(caller)?, reason(reason_given)?);
    if user == staff {
        return Err(AccountError::NotPermitted);
    }
    app.db
        .write(caller, move |tx| {
            somebody(tx.conn(), user)?;
            // Both are locked: who was made something else meanwhile changes nobody any more, so one admin is always left.
            let people = queries::lock_users(tx, &[staff, user])?;
            require_recent(tx)?;
            let may = |person: &User| person.id == staff && person.role.may(StaffPermission::ManageStaff);
            if !people.iter().any(may) {
                return Err(Failure::Forbidden.into());
            }
            let changed = queries::set_role_of(tx, user, role)?;
            queries::set_sessions_changed(tx, user)?;
            note(tx, user, SecurityEventKind::RoleChanged)?;
            audit(tx, user, None, &reason, &["setUserRole"])?;
            Ok(changed)
        })
        .await
}

/// Ends all sessions of a person. Those of the staff are for who says who is of the staff. Returns how many ended.
pub async fn revoke_user_sessions(
    app: &App,
    caller: &Caller,
    user: Id<User>,
    reason_given: &str,
) -> Result<usize, AccountError> {
    let (staff, reason) = (oneself(caller)?, reason(reason_given)?);
    if user == staff {
        return Err(AccountError::NotPermitted);
    }
    let revoked = app
        .db
        .write(caller, move |tx| {
            require_recent(tx)?;
            let is_member = somebody(tx.conn(), user)?.role == Role::Member;
            if !is_member && !tx.caller().may(StaffPermission::ManageStaff) {
                return Err(AccountError::NotPermitted);
            }
            let now = tx.now();
            let revoked = queries::set_others_ended(tx, user, None, now, SessionEnd::Revoked)?;
            if !revoked.is_empty() {
                note(tx, user, SecurityEventKind::SessionsRevoked)?;
            }
            audit(tx, user, None, &reason, &["revokeUserSessions"])?;
            Ok(revoked)
        })
        .await?;
    for session in &revoked {
        app.standings.forget(session.id.uuid());
    }
    Ok(revoked.len())
}

/// Switches the second factor off of somebody who has lost it, for the operator. They are told, and why. None if nobody who has
/// one has this address.
pub async fn disable_totp_of(
    app: &App,
    caller: &Caller,
    email: &str,
    reason_given: &str,
) -> Result<Option<User>, AccountError> {
    let reason = reason(reason_given)?;
    let Some(email_key) = text::email_key(email) else { return Ok(None) };
    app.db
        .write(caller, move |tx| {
            let Some(user) = queries::by_email(tx.conn(), &email_key)? else { return Ok(None) };
            if !switch_off(tx, user.id)? {
                return Ok(None);
            }
            audit(tx, user.id, None, &reason, &["disableTotp"])?;
            Ok(Some(user))
        })
        .await
}

/// What the staff did about the caller, newest first.
pub async fn audit_log(app: &App, caller: &Caller, page: Page<Id<AuditEntry>>) -> Result<Slice<AuditEntry>, Failure> {
    let user = oneself(caller)?;
    app.db.read(move |conn| queries::audit_entries(conn, user, &page)).await
}

/// How much the staff did about the caller, counted up to `limit`.
pub async fn count_audit_log(app: &App, caller: &Caller, limit: i64) -> Result<i64, Failure> {
    let user = oneself(caller)?;
    app.db.read(move |conn| queries::count_audit_entries(conn, user, limit)).await
}

/// Forgets what the staff did after [`AuditEntry::KEPT`], and the leaves by which they did it.
pub async fn forget_audit_log(app: &App, caller: &Caller) -> Result<(), Failure> {
    const BATCH: i64 = 1_000;
    let forget_grants = |tx: &mut Tx<'_>| {
        let before = tx.now() - AuditEntry::KEPT;
        queries::delete_staff_grants(tx, before, BATCH)
    };
    let forget = |tx: &mut Tx<'_>| {
        let before = tx.now() - AuditEntry::KEPT;
        queries::delete_audit_entries(tx, before, BATCH)
    };
    app.db.write_in_batches(caller, forget).await?;
    app.db.write_in_batches(caller, forget_grants).await
}
