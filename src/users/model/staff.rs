//! What the market's staff do about people.

use chrono::TimeDelta;
use diesel::{Queryable, Selectable};

use super::{Role, User};
use crate::{
    kernel::id::{Entity, Id},
    platform::{caller::StaffPermission, clock::Time},
    schema::{audit_entries, staff_grants},
};

/// Leave for one of the staff to act in somebody's name for a while.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = staff_grants)]
pub struct StaffGrant {
    pub id: Id<StaffGrant>,
    pub staff_id: Id<User>,
    pub user_id: Id<User>,
    pub reason: String,
    pub created_at: Time,
    pub expires_at: Time,
    pub ended_at: Option<Time>,
}

impl Entity for StaffGrant {
    const PREFIX: &'static str = "grant";
}

impl StaffGrant {
    pub const LIFETIME: TimeDelta = TimeDelta::minutes(30);

    /// Whether it is good for one of the staff.
    pub fn is_good_for(&self, staff: Id<User>, now: Time) -> bool {
        self.staff_id == staff && self.ended_at.is_none() && now < self.expires_at
    }
}

impl Role {
    /// Whether people of this role may do this.
    pub fn may(self, permission: StaffPermission) -> bool {
        self.staff().is_some_and(|role| role.may(permission))
    }
}

/// Something that the staff did about a person.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = audit_entries)]
pub struct AuditEntry {
    pub id: Id<AuditEntry>,
    /// None if it was the operator.
    pub staff_id: Option<Id<User>>,
    /// The mutation that they sent.
    pub action: String,
    pub reason: String,
    pub created_at: Time,
}

impl Entity for AuditEntry {
    const PREFIX: &'static str = "audit";
}

impl AuditEntry {
    /// How long it is kept.
    pub const KEPT: TimeDelta = TimeDelta::days(400);
}
