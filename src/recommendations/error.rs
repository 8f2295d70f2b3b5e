//! Why it cannot be said what recommendations are worth, and what can go wrong with what people have looked at.

use serde::{Deserialize, Serialize};

use crate::{
    kernel::error::{DomainError, Failure, KeyReused, TransactionError, UserErrorCode, Verdict},
    platform::import::FileError,
};

#[derive(Debug, thiserror::Error)]
pub enum EvaluationError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("too few orders: some have to be learned from, and later ones need two products or more")]
    TooFew,
    #[error(transparent)]
    Failed(#[from] Failure),
}

#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum HistoryError {
    /// What the input names at `field` does not exist, or the caller does not see it.
    #[error("{field}: not found")]
    NotFound { field: String },
    #[error("more views than are taken at once")]
    TooManyViews,
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    #[serde(skip)]
    Failed(#[from] Failure),
}

impl HistoryError {
    pub(super) fn not_found(field: &str) -> Self {
        Self::NotFound { field: field.into() }
    }
}

impl TransactionError for HistoryError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

impl DomainError for HistoryError {
    fn verdict(self) -> Verdict {
        match self {
            Self::NotFound { field } => Verdict::at(UserErrorCode::NotFound, [field]),
            Self::TooManyViews => Verdict::at(UserErrorCode::TooMany, ["views"]),
            Self::KeyReused(_) => Verdict::at(UserErrorCode::IdempotencyKeyReused, ["idempotencyKey"]),
            Self::Failed(failure) => Verdict::Failed(failure),
        }
    }
}
