//! What can go wrong with messages.

use serde::{Deserialize, Serialize};

use super::model::{attachments::AttachmentFault, mentions::MentionFault};
use crate::{
    kernel::{
        error::{DomainError, Failure, KeyReused, TransactionError, UserErrorCode, Verdict},
        text::TextError,
    },
    platform::clock::Time,
};

#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum MessageError {
    #[error("{0}")]
    Text(TextError),
    /// The person, product or conversation that this field names is not there, or not for the caller.
    #[error("{field} names nothing that the caller sees")]
    NotFound { field: String },
    #[error("nobody talks to themself")]
    Oneself,
    #[error("the caller has blocked them")]
    Blocked,
    #[error("who answers for a shop does not write to it")]
    OwnShop,
    #[error("`upTo` is below 0")]
    NegativeNumber,
    #[error("{0}")]
    Title(TextError),
    /// Their role in the group does not allow it.
    #[error("their role does not allow this")]
    Role,
    #[error("they belong to the group already")]
    AlreadyMember,
    #[error("as many people as may be belong to the group, or are asked to")]
    GroupFull,
    #[error("the caller has asked as many people as they may who have not answered")]
    TooManyInvitations,
    #[error("the caller belongs to as many groups as they may")]
    TooManyGroups,
    #[error("as many conversations as may be are pinned already")]
    TooManyPinned,
    #[error("nothing is muted until a time that is over, or after the year 9999")]
    MutedUntil,
    #[error("only who wrote a message changes it")]
    NotTheAuthor,
    #[error("the message was deleted, or is too old to be edited")]
    NotEditable,
    #[error("the message was edited as often as it may be")]
    TooManyEdits,
    #[error("the message was deleted")]
    Deleted,
    #[error("this is not one emoji")]
    NotAnEmoji,
    #[error("the message, or the caller, has as many reactions as there may be")]
    TooManyReactions,
    #[error("{field}: the caller's role does not answer messages")]
    NotAnswering { field: String },
    #[error("support was called as often as it may be")]
    TooManyCalls,
    #[error("somebody else of the staff answers, or it is the caller's own affair")]
    NotTheirCall,
    #[error("a shortcut is lower-case letters, digits and single hyphens")]
    Shortcut,
    #[error("another quick reply of the shop has this shortcut")]
    ShortcutTaken,
    #[error("the shop has as many quick replies as it may")]
    TooManyQuickReplies,
    #[error(transparent)]
    Mention(#[from] MentionFault),
    #[error(transparent)]
    Attachment(#[from] AttachmentFault),
    #[error("the staff keep them from writing")]
    Suspended,
    #[error("they have written so much that they wait until {retry_at}")]
    TooSoon { retry_at: Time },
    #[error("it holds what nobody sends here")]
    Refused,
    #[error("the title holds what nobody sends here")]
    RefusedTitle,
    #[error("{0}")]
    Pattern(TextError),
    #[error("a filter looks for one word, or one domain")]
    NoPattern,
    #[error("another filter looks for it")]
    FilterTaken,
    #[error("there are as many filters as there may be")]
    TooManyFilters,
    #[error("the version is {current} by now")]
    StaleVersion { current: i32 },
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    #[serde(skip)]
    Failed(#[from] Failure),
}

impl MessageError {
    pub(super) fn not_found(field: &str) -> Self {
        Self::NotFound { field: field.into() }
    }
}

impl TransactionError for MessageError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

impl DomainError for MessageError {
    fn verdict(self) -> Verdict {
        match self {
            Self::Text(error) => Verdict::of_text("text", error),
            Self::NotFound { field } => Verdict::at(UserErrorCode::NotFound, [field]),
            Self::Oneself => Verdict::at(UserErrorCode::Invalid, ["userId"]),
            Self::Blocked => Verdict::at(UserErrorCode::NotPermitted, ["userId"]),
            Self::OwnShop => Verdict::at(UserErrorCode::NotPermitted, ["productId"]),
            Self::NegativeNumber => Verdict::at(UserErrorCode::OutOfRange, ["upTo"]),
            Self::Title(error) => Verdict::of_text("title", error),
            Self::NotTheirCall => Verdict::at(UserErrorCode::NotPermitted, ["supportCallId"]),
            Self::Role => Verdict::at(UserErrorCode::NotPermitted, ["conversationId"]),
            Self::AlreadyMember => Verdict::at(UserErrorCode::AlreadyDone, ["userId"]),
            Self::GroupFull => Verdict::at(UserErrorCode::TooMany, ["userId"]),
            Self::Suspended => Verdict::refused(UserErrorCode::AccountSuspended),
            Self::TooSoon { .. } => Verdict::refused(UserErrorCode::TooManyAttempts),
            Self::Refused => Verdict::at(UserErrorCode::MessageRefused, ["text"]),
            Self::RefusedTitle => Verdict::at(UserErrorCode::MessageRefused, ["title"]),
            Self::Pattern(error) => Verdict::of_text("pattern", error),
            Self::NoPattern => Verdict::at(UserErrorCode::Invalid, ["pattern"]),
            Self::FilterTaken => Verdict::at(UserErrorCode::Taken, ["pattern"]),
            Self::TooManyInvitations
            | Self::TooManyGroups
            | Self::TooManyQuickReplies
            | Self::TooManyFilters
            | Self::TooManyCalls => Verdict::refused(UserErrorCode::TooMany),
            Self::TooManyPinned => Verdict::at(UserErrorCode::TooMany, ["isPinned"]),
            Self::MutedUntil => Verdict::at(UserErrorCode::OutOfRange, ["mutedUntil"]),
            Self::NotTheAuthor | Self::Deleted => Verdict::at(UserErrorCode::NotPermitted, ["messageId"]),
            Self::NotEditable => Verdict::at(UserErrorCode::MessageNotEditable, ["messageId"]),
            Self::TooManyEdits => Verdict::at(UserErrorCode::TooMany, ["messageId"]),
            Self::NotAnEmoji => Verdict::at(UserErrorCode::Invalid, ["emoji"]),
            Self::TooManyReactions => Verdict::at(UserErrorCode::TooMany, ["emoji"]),
            Self::NotAnswering { field } => Verdict::at(UserErrorCode::NotPermitted, [field]),
            Self::Shortcut => Verdict::at(UserErrorCode::Invalid, ["shortcut"]),
            Self::ShortcutTaken => Verdict::at(UserErrorCode::Taken, ["shortcut"]),
            Self::Mention(fault) => of_mention(fault),
            Self::Attachment(fault) => of_attachment(fault),
            Self::StaleVersion { .. } => Verdict::at(UserErrorCode::StaleVersion, ["expectedVersion"]),
            Self::KeyReused(_) => Verdict::at(UserErrorCode::IdempotencyKeyReused, ["idempotencyKey"]),
            Self::Failed(failure) => Verdict::Failed(failure),
        }
    }

    fn is_for_now(&self) -> bool {
        matches!(self, Self::TooSoon { .. } | Self::Suspended)
    }
}

fn of_mention(fault: MentionFault) -> Verdict {
    let at = |code, index: usize, field: &str| Verdict::at(code, ["mentions", &index.to_string(), field]);
    match fault {
        MentionFault::TooMany => Verdict::at(UserErrorCode::TooMany, ["mentions"]),
        MentionFault::OutOfText(index) => at(UserErrorCode::OutOfRange, index, "start"),
        MentionFault::Overlapping(index) => at(UserErrorCode::Invalid, index, "start"),
        MentionFault::NotThere(index) => at(UserErrorCode::NotFound, index, "userId"),
    }
}

fn of_attachment(fault: AttachmentFault) -> Verdict {
    let path = |index: usize, field: &str| format!("attachments.{index}.{field}");
    let at = |code, index: usize, field: &str| Verdict::at(code, path(index, field).split('.'));
    match fault {
        AttachmentFault::TooMany => Verdict::at(UserErrorCode::TooMany, ["attachments"]),
        AttachmentFault::NotThere { index, field } => at(UserErrorCode::NotFound, index, &field),
        AttachmentFault::NotSent { index, field } => at(UserErrorCode::UploadIncomplete, index, &field),
        AttachmentFault::Name { index, field, error } => Verdict::of_text(&path(index, &field), error),
        AttachmentFault::NotOnEarth { index, field } => at(UserErrorCode::OutOfRange, index, &field),
    }
}
