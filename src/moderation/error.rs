//! What can go wrong with reports and decisions.

use serde::{Deserialize, Serialize};

use crate::{
    kernel::{
        error::{DomainError, Failure, KeyReused, TransactionError, UserErrorCode, Verdict},
        text::TextError,
    },
    platform::clock::Time,
};

#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum ModerationError {
    #[error("{field}: {error}")]
    Text { field: String, error: TextError },
    /// What the input names at `field` does not exist, or the caller does not see it.
    #[error("{field}: not found")]
    NotFound { field: String },
    #[error("{field}: not theirs to report, to decide or to appeal")]
    NotPermitted { field: String },
    #[error("{field}: it stands like that already")]
    AlreadyDone { field: String },
    #[error("the version is {current} by now")]
    StaleVersion { current: i32 },
    #[error("nobody is suspended until this time")]
    SuspendedUntil,
    #[error("they have reported so much that they wait until {retry_at}")]
    TooSoon { retry_at: Time },
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    #[serde(skip)]
    Failed(#[from] Failure),
}

impl ModerationError {
    pub(super) fn not_found(field: &str) -> Self {
        Self::NotFound { field: field.into() }
    }

    pub(super) fn not_permitted(field: &str) -> Self {
        Self::NotPermitted { field: field.into() }
    }

    pub(super) fn already_done(field: &str) -> Self {
        Self::AlreadyDone { field: field.into() }
    }
}

impl TransactionError for ModerationError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

impl DomainError for ModerationError {
    fn verdict(self) -> Verdict {
        let at = |code, field: String| Verdict::at(code, field.split('.'));
        match self {
            Self::Text { field, error } => Verdict::of_text(&field, error),
            Self::NotFound { field } => at(UserErrorCode::NotFound, field),
            Self::NotPermitted { field } => at(UserErrorCode::NotPermitted, field),
            Self::AlreadyDone { field } => at(UserErrorCode::AlreadyDone, field),
            Self::StaleVersion { .. } => Verdict::at(UserErrorCode::StaleVersion, ["expectedVersion"]),
            Self::SuspendedUntil => Verdict::at(UserErrorCode::OutOfRange, ["suspendedUntil"]),
            Self::TooSoon { .. } => Verdict::refused(UserErrorCode::TooManyAttempts),
            Self::KeyReused(_) => Verdict::at(UserErrorCode::IdempotencyKeyReused, ["idempotencyKey"]),
            Self::Failed(failure) => Verdict::Failed(failure),
        }
    }

    fn is_for_now(&self) -> bool {
        matches!(self, Self::TooSoon { .. })
    }
}
