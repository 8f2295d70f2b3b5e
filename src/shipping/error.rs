//! What can go wrong with how a shop sends.

use serde::{Deserialize, Serialize};

use crate::{
    kernel::{
        error::{DomainError, Failure, KeyReused, TransactionError, UserErrorCode, Verdict},
        text::TextError,
    },
    shops::error::ShopError,
};

/// Fields are paths in the input with dots, such as `rates.2.price`.
#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum ShippingError {
    /// What the input names at `field` does not exist, or belongs to a shop that the caller does not work for.
    #[error("{field}: not found")]
    NotFound { field: String },
    #[error("{field}: {error}")]
    Text { field: String, error: TextError },
    #[error("{field}: another one has it already")]
    Taken { field: String },
    #[error("{field}: too many")]
    TooMany { field: String },
    #[error("{field}: out of range")]
    OutOfRange { field: String },
    #[error("{field}: not in the currency of its rate")]
    CurrencyMismatch { field: String },
    #[error("the version is {current} by now")]
    StaleVersion { current: i32 },
    #[error(transparent)]
    Shop(#[from] ShopError),
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    #[serde(skip)]
    Failed(#[from] Failure),
}

impl ShippingError {
    pub(super) fn not_found(field: &str) -> Self {
        Self::NotFound { field: field.into() }
    }
}

impl TransactionError for ShippingError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            Self::Shop(error) => error.failure(),
            _ => None,
        }
    }
}

impl DomainError for ShippingError {
    fn verdict(self) -> Verdict {
        let at = |code, field: String| Verdict::at(code, field.split('.'));
        match self {
            Self::NotFound { field } => at(UserErrorCode::NotFound, field),
            Self::Text { field, error } => Verdict::of_text(&field, error),
            Self::Taken { field } => at(UserErrorCode::Taken, field),
            Self::TooMany { field } => at(UserErrorCode::TooMany, field),
            Self::OutOfRange { field } => at(UserErrorCode::OutOfRange, field),
            Self::CurrencyMismatch { field } => at(UserErrorCode::CurrencyMismatch, field),
            Self::StaleVersion { .. } => Verdict::at(UserErrorCode::StaleVersion, ["expectedVersion"]),
            Self::Shop(error) => error.verdict(),
            Self::KeyReused(_) => Verdict::at(UserErrorCode::IdempotencyKeyReused, ["idempotencyKey"]),
            Self::Failed(failure) => Verdict::Failed(failure),
        }
    }
}
