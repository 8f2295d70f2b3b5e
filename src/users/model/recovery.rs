//! Getting back in, and moving: what was mailed, and waits for whoever reads the mail.

use chrono::TimeDelta;
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};

use super::User;
use crate::{
    kernel::{
        id::{Entity, Id},
        place::Language,
    },
    platform::{clock::Time, jobs::JobBody},
    schema::{email_changes, password_resets},
};

/// Somebody forgot a password: a link was mailed by which a new one is chosen.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct PasswordReset {
    pub id: Id<PasswordReset>,
    /// None where nobody has the address.
    pub user_id: Option<Id<User>>,
    pub expires_at: Time,
    pub used_at: Option<Time>,
}

impl Entity for PasswordReset {
    const PREFIX: &'static str = "passwordreset";
}

impl PasswordReset {
    pub const LIFETIME: TimeDelta = TimeDelta::hours(1);
    /// Mails to one address within [`Self::LIFETIME`].
    pub const MAXIMUM_PER_ADDRESS: i64 = 5;

    /// Whose password the link still changes.
    pub fn open_for(&self, now: Time) -> Option<Id<User>> {
        self.user_id.filter(|_| self.used_at.is_none() && now < self.expires_at)
    }
}

/// Somebody wants another address: a code and a link were mailed there.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct EmailChange {
    pub id: Id<EmailChange>,
    pub user_id: Id<User>,
    pub email: String,
    pub email_key: String,
    pub old_email: String,
    /// False if the address is taken, or too many asked for it: then neither code nor link is right.
    pub is_confirmable: bool,
    pub attempts: i32,
    pub expires_at: Time,
    pub confirmed_at: Option<Time>,
}

impl Entity for EmailChange {
    const PREFIX: &'static str = "emailchange";
}

impl EmailChange {
    pub const LIFETIME: TimeDelta = TimeDelta::minutes(30);
    /// Wrong codes after which none is right any more.
    pub const MAXIMUM_ATTEMPTS: i32 = 5;
    /// Changes that one person can ask for within [`Self::LIFETIME`], and that can be asked for of one address.
    pub const MAXIMUM: i64 = 5;
    /// How long the row stays, so that both addresses can be told after long trouble with the mail server.
    pub const KEPT: TimeDelta = TimeDelta::days(7);

    /// Whether a code can still be right.
    pub fn is_open(&self, now: Time) -> bool {
        self.confirmed_at.is_none() && self.attempts < Self::MAXIMUM_ATTEMPTS && now < self.expires_at
    }
}

/// How somebody is written to.
#[derive(Debug, Clone)]
pub struct Addressee {
    pub email: String,
    pub name: String,
    pub language: Language,
}

/// One of the two addresses of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum WhichAddress {
    Old,
    New,
}

/// Sends the link of a reset, if there is an account.
#[derive(Serialize, Deserialize)]
pub struct PasswordResetMail {
    pub reset: Id<PasswordReset>,
}

impl JobBody for PasswordResetMail {
    const KIND: &'static str = "users.password_reset_mail";
}

/// Tells somebody that their password was changed.
#[derive(Serialize, Deserialize)]
pub struct PasswordChangedMail {
    pub user: Id<User>,
}

impl JobBody for PasswordChangedMail {
    const KIND: &'static str = "users.password_changed_mail";
}

/// Sends code and link of a change to the new address, or tells the owner of a taken one; tells the old one what is asked.
#[derive(Serialize, Deserialize)]
pub struct EmailChangeMail {
    pub change: Id<EmailChange>,
    pub to: WhichAddress,
}

impl JobBody for EmailChangeMail {
    const KIND: &'static str = "users.email_change_mail";
}

/// Tells an address that the change is done.
#[derive(Serialize, Deserialize)]
pub struct EmailChangedMail {
    pub change: Id<EmailChange>,
    pub to: WhichAddress,
}

impl JobBody for EmailChangedMail {
    const KIND: &'static str = "users.email_changed_mail";
}
