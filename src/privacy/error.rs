//! What can go wrong with exports and deletions.

use serde::{Deserialize, Serialize};

use crate::{
    kernel::error::{DomainError, Failure, KeyReused, TransactionError, UserErrorCode, Verdict},
    platform::clock::Time,
};

#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum PrivacyError {
    #[error("an export was made lately; the next from {retry_at} on")]
    TooSoon { retry_at: Time },
    #[error("the last owner of a shop")]
    LastOwner,
    #[error("one of the staff")]
    Staff,
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    #[serde(skip)]
    Failed(#[from] Failure),
}

impl TransactionError for PrivacyError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

impl DomainError for PrivacyError {
    fn verdict(self) -> Verdict {
        match self {
            Self::TooSoon { .. } => Verdict::refused(UserErrorCode::TooManyAttempts),
            Self::LastOwner => Verdict::refused(UserErrorCode::LastOwner),
            Self::Staff => Verdict::refused(UserErrorCode::NotPermitted),
            Self::KeyReused(_) => Verdict::refused(UserErrorCode::IdempotencyKeyReused),
            Self::Failed(failure) => Verdict::Failed(failure),
        }
    }
}
