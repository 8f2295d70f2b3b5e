//! What can go wrong with notifications and devices.

use serde::{Deserialize, Serialize};

use crate::kernel::error::{DomainError, Failure, KeyReused, TransactionError, UserErrorCode, Verdict};

#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum NotificationError {
    #[error("the market has no account with the platform's service")]
    Unavailable,
    #[error("this is no token of the platform's")]
    Token,
    #[error("keys belong to browsers alone, and each has some")]
    Keys,
    #[error("at most 100 are marked at once")]
    TooMany,
    /// What the input names at `field` is none of the caller's.
    #[error("{field}: not found")]
    NotFound { field: String },
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    #[serde(skip)]
    Failed(#[from] Failure),
}

impl TransactionError for NotificationError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

impl DomainError for NotificationError {
    fn verdict(self) -> Verdict {
        match self {
            Self::Unavailable => Verdict::at(UserErrorCode::PushUnavailable, ["platform"]),
            Self::Token => Verdict::at(UserErrorCode::Invalid, ["token"]),
            Self::Keys => Verdict::at(UserErrorCode::Invalid, ["keys"]),
            Self::TooMany => Verdict::at(UserErrorCode::TooMany, ["notifications", "ids"]),
            Self::NotFound { field } => Verdict::at(UserErrorCode::NotFound, field.split('.')),
            Self::KeyReused(_) => Verdict::at(UserErrorCode::IdempotencyKeyReused, ["idempotencyKey"]),
            Self::Failed(failure) => Verdict::Failed(failure),
        }
    }
}
