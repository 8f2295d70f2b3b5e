//! What happened to the safety of an account.

use chrono::TimeDelta;
use diesel::{Queryable, Selectable};

use crate::{
    kernel::id::{Entity, Id},
    platform::clock::Time,
    schema::security_events,
    text_enum,
};

text_enum! {
    /// What happened to the safety of an account. New kinds may appear.
    #[derive(async_graphql::Enum)]
    pub enum SecurityEventKind {
        /// The account came into being.
        SignedUp = "SIGNED_UP",
        /// A device was signed in.
        SignedIn = "SIGNED_IN",
        /// One device or more were signed out by another one, or by the market's staff: then by no device.
        SessionsRevoked = "SESSIONS_REVOKED",
        /// A device was signed out because an old key of its session came back: somebody else may have had it.
        SessionReused = "SESSION_REUSED",
        /// Another password was chosen by somebody who knew the one before.
        PasswordChanged = "PASSWORD_CHANGED",
        /// Another password was chosen by somebody who read the account's mail.
        PasswordReset = "PASSWORD_RESET",
        /// Another address was asked for.
        EmailChangeRequested = "EMAIL_CHANGE_REQUESTED",
        /// The account has another address.
        EmailChanged = "EMAIL_CHANGED",
        /// An account at another place was linked: who has that can sign in here.
        IdentityLinked = "IDENTITY_LINKED",
        /// The link with an account at another place was taken away.
        IdentityUnlinked = "IDENTITY_UNLINKED",
        /// An authenticator was set up: from then on signing in takes a second factor.
        SecondFactorAdded = "SECOND_FACTOR_ADDED",
        /// The second factor was switched off.
        SecondFactorRemoved = "SECOND_FACTOR_REMOVED",
        /// Wrong codes were given for the second factor, five in a row, ten, and so on: somebody else may know the password, or use
        /// a session.
        SecondFactorRefused = "SECOND_FACTOR_REFUSED",
        /// A recovery code was used up.
        RecoveryCodeUsed = "RECOVERY_CODE_USED",
        /// There are new recovery codes; those before are no good any more.
        RecoveryCodesRenewed = "RECOVERY_CODES_RENEWED",
        /// A passkey was added.
        PasskeyAdded = "PASSKEY_ADDED",
        /// A passkey was removed.
        PasskeyRemoved = "PASSKEY_REMOVED",
        /// A passkey was used whose count tells of a copy of it.
        PasskeyCopied = "PASSKEY_COPIED",
        /// The person is something else to the market.
        RoleChanged = "ROLE_CHANGED",
        /// All that is kept about the person was asked for.
        DataExportRequested = "DATA_EXPORT_REQUESTED",
        /// It was asked that the account be erased.
        DeletionRequested = "DELETION_REQUESTED",
        /// That was called off.
        DeletionCancelled = "DELETION_CANCELLED",
    }
}

/// Something that happened, and on which device.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct SecurityEvent {
    pub id: Id<SecurityEvent>,
    pub kind: SecurityEventKind,
    /// What the device said it was, as it said it.
    pub device: String,
    pub address: Option<String>,
    pub created_at: Time,
}

impl Entity for SecurityEvent {
    const PREFIX: &'static str = "securityevent";
}

impl SecurityEvent {
    /// How long it is kept that something happened.
    pub const KEPT: TimeDelta = TimeDelta::days(400);
}
