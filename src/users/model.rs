//! Rows of people and their sessions.

mod access;
mod api_key;
mod archive;
mod block;
mod client_settings;
mod guesses;
mod handle;
mod identity;
mod passkey;
mod password;
mod preferences;
mod recovery;
mod saved_address;
mod second_factor;
mod security_event;
mod session;
mod staff;
mod suspension;

pub use self::{
    access::*, api_key::*, archive::*, block::*, client_settings::*, guesses::*, handle::*, identity::*, passkey::*,
    password::*, preferences::*, recovery::*, saved_address::*, second_factor::*, security_event::*, session::*,
    staff::*, suspension::*,
};
use chrono::TimeDelta;
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    kernel::{
        error::Failure,
        id::{Entity, Id},
        place::Locale,
    },
    platform::{
        caller::{Caller, StaffRole},
        clock::Time,
        jobs::JobBody,
    },
    schema::{users, verifications},
    text_enum,
};

text_enum! {
    /// What somebody is to the market as a whole.
    #[derive(async_graphql::Enum)]
    pub enum Role {
        /// Buys and sells.
        Member = "MEMBER",
        /// Works for the market and may look at what members ask about.
        Support = "SUPPORT",
        /// Runs the market.
        Admin = "ADMIN",
    }
}

impl Role {
    pub const fn staff(self) -> Option<StaffRole> {
        match self {
            Self::Member => None,
            Self::Support => Some(StaffRole::Support),
            Self::Admin => Some(StaffRole::Admin),
        }
    }
}

/// A person. Without an address (imported from elsewhere) nobody can sign in as them.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct User {
    pub id: Id<User>,
    pub email: Option<String>,
    pub password_hash: Option<PasswordHash>,
    pub display_name: String,
    pub handle: Option<String>,
    pub bio: String,
    /// Of the domain of media, which is a later one.
    pub avatar_id: Option<Uuid>,
    pub role: Role,
    /// The language of their sign-up.
    pub locale: Locale,
    pub version: i32,
    pub created_at: Time,
    pub erased_at: Option<Time>,
}

/// A person as everybody may see them, without what an account keeps to itself.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct Face {
    pub id: Id<User>,
    pub display_name: String,
    pub handle: Option<String>,
    pub bio: String,
    pub avatar_id: Option<Uuid>,
    pub created_at: Time,
    pub erased_at: Option<Time>,
}

impl Entity for User {
    const PREFIX: &'static str = "user";
}

/// Who is signed in.
///
/// # Errors
/// `UNAUTHENTICATED` for everybody else, `FORBIDDEN` for machines.
pub fn signed_in(caller: &Caller) -> Result<Id<User>, Failure> {
    let person = caller.signed_in().ok_or_else(|| caller.not_signed_in())?;
    Ok(Id::from_uuid(person.user))
}

/// Who is signed in and there themself: for what nobody does, or reads, in another's name.
///
/// # Errors
/// As [`signed_in`], and `FORBIDDEN` for the staff in somebody's name.
pub fn oneself(caller: &Caller) -> Result<Id<User>, Failure> {
    match caller.on_behalf() {
        Some(_) => Err(caller.not_signed_in()),
        None => signed_in(caller),
    }
}

/// A sign-up that waits for its code.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct Verification {
    pub id: Id<Verification>,
    pub email: String,
    pub email_key: String,
    /// None once it is confirmed.
    pub password_hash: Option<PasswordHash>,
    /// False if the address is taken, or too many asked for it: then no code is right.
    pub is_confirmable: bool,
    pub display_name: String,
    pub locale: Locale,
    pub attempts: i32,
    pub sent_count: i32,
    pub sent_at: Time,
    pub expires_at: Time,
    pub confirmed_at: Option<Time>,
}

impl Entity for Verification {
    const PREFIX: &'static str = "verification";
}

impl Verification {
    pub const LIFETIME: TimeDelta = TimeDelta::minutes(30);
    /// Wrong codes after which none is right any more.
    pub const MAXIMUM_ATTEMPTS: i32 = 5;
    /// Mails with its code in all, and how far apart.
    pub const MAXIMUM_SENT: i32 = 3;
    pub const RESEND_AFTER: TimeDelta = TimeDelta::seconds(60);
    /// Verifications of one address within [`Self::LIFETIME`] that can be confirmed, and mails about them: so neither codes
    /// can be guessed nor a mailbox be filled by asking again and again.
    pub const MAXIMUM_PER_ADDRESS: i64 = 5;
    pub const MAXIMUM_MAILS_PER_ADDRESS: i64 = 8;

    /// Whether a code can still be right.
    pub fn is_open(&self, now: Time) -> bool {
        self.confirmed_at.is_none() && self.attempts < Self::MAXIMUM_ATTEMPTS && now < self.expires_at
    }

    /// From when on the code can be sent once more; none when it was sent as often as it can be.
    pub fn resend_at(&self) -> Option<Time> {
        (self.sent_count < Self::MAXIMUM_SENT).then(|| self.sent_at + Self::RESEND_AFTER)
    }
}

/// Sends the code of a sign-up, or tells the owner of a taken address.
#[derive(Serialize, Deserialize)]
pub struct VerificationMail {
    pub verification: Id<Verification>,
}

impl JobBody for VerificationMail {
    const KIND: &'static str = "users.verification_mail";
}

/// Tells somebody that one of their sessions was ended for safety.
#[derive(Serialize, Deserialize)]
pub struct SessionReusedMail {
    pub user: Id<User>,
}

impl JobBody for SessionReusedMail {
    const KIND: &'static str = "users.session_reused_mail";
}
