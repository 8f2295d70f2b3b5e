//! What can go wrong with messages.

use serde::{Deserialize, Serialize};

use crate::kernel::{
    error::{DomainError, Failure, KeyReused, TransactionError, UserErrorCode, Verdict},
    text::TextError,
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
            Self::KeyReused(_) => Verdict::at(UserErrorCode::IdempotencyKeyReused, ["idempotencyKey"]),
            Self::Failed(failure) => Verdict::Failed(failure),
        }
    }
}
