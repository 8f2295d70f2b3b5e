//! What can go wrong with taxes.

use serde::{Deserialize, Serialize};

use crate::kernel::{
    error::{DomainError, Failure, KeyReused, TransactionError, UserErrorCode, Verdict},
    text::TextError,
};

/// Fields are paths in the input with dots, such as `rates.2.rate`.
#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum TaxError {
    #[error("{field}: {error}")]
    Text { field: String, error: TextError },
    #[error("{field}: not a percentage from 0 to 100 with at most two decimals")]
    Rate { field: String },
    #[error("more rates than there may be tax classes")]
    TooMany,
    #[error("{field}: named before")]
    Twice { field: String },
    /// What the input names at `field` does not exist.
    #[error("{field}: not found")]
    NotFound { field: String },
    #[error("the version is {current} by now")]
    StaleVersion { current: i32 },
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    #[serde(skip)]
    Failed(#[from] Failure),
}

impl TransactionError for TaxError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

impl DomainError for TaxError {
    fn verdict(self) -> Verdict {
        let at = |code, field: String| Verdict::at(code, field.split('.'));
        match self {
            Self::Text { field, error } => Verdict::of_text(&field, error),
            Self::Rate { field } => at(UserErrorCode::OutOfRange, field),
            Self::TooMany => Verdict::at(UserErrorCode::TooMany, ["rates"]),
            Self::Twice { field } => at(UserErrorCode::Taken, field),
            Self::NotFound { field } => at(UserErrorCode::NotFound, field),
            Self::StaleVersion { .. } => Verdict::at(UserErrorCode::StaleVersion, ["expectedVersion"]),
            Self::KeyReused(_) => Verdict::at(UserErrorCode::IdempotencyKeyReused, ["idempotencyKey"]),
            Self::Failed(failure) => Verdict::Failed(failure),
        }
    }
}
