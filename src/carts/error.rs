//! What can go wrong with carts.

use serde::{Deserialize, Serialize};

use crate::kernel::error::{DomainError, Failure, KeyReused, TransactionError, UserErrorCode, Verdict};

/// A line of which there is less than is in the cart.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ShortLine {
    /// Its place in the cart, from 0.
    pub line: usize,
    /// Pieces that can be had.
    pub available: i32,
}

#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum CartError {
    /// What the input names at `field` does not exist, or the caller does not see it.
    #[error("{field}: not found")]
    NotFound { field: String },
    /// The caller has no cart.
    #[error("there is no cart")]
    NoCart,
    #[error("as many lines as there may be are there already")]
    TooMany,
    #[error("a quantity is from 1 to 10000")]
    Quantity,
    #[error("no price in the cart's currency")]
    Currency,
    #[error("there is nothing in the cart")]
    Empty,
    #[error("more pieces than are held for one cart, or for the carts of a line")]
    TooManyReserved,
    #[error("{} lines are out of stock", .0.len())]
    OutOfStock(Vec<ShortLine>),
    #[error("line {line}: {error}")]
    OfLine { line: usize, error: Box<Self> },
    #[error("the version is {current} by now")]
    StaleVersion { current: i32 },
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    #[serde(skip)]
    Failed(#[from] Failure),
}

impl CartError {
    pub(super) fn not_found(field: &str) -> Self {
        Self::NotFound { field: field.into() }
    }
}

impl TransactionError for CartError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            Self::OfLine { error, .. } => error.failure(),
            _ => None,
        }
    }
}

impl DomainError for CartError {
    fn verdict(self) -> Verdict {
        match self {
            Self::NotFound { field } => Verdict::at(UserErrorCode::NotFound, [field]),
            Self::NoCart => Verdict::refused(UserErrorCode::NotFound),
            Self::Empty => Verdict::refused(UserErrorCode::Blank),
            Self::TooMany | Self::TooManyReserved => Verdict::refused(UserErrorCode::TooMany),
            Self::OutOfStock(_) => Verdict::refused(UserErrorCode::OutOfStock),
            Self::Quantity => Verdict::at(UserErrorCode::OutOfRange, ["quantity"]),
            Self::Currency => Verdict::at(UserErrorCode::CurrencyMismatch, ["variantId"]),
            Self::OfLine { line, error } => match error.verdict() {
                Verdict::Refused { code, field } => {
                    Verdict::at(code, ["lines".to_owned(), line.to_string()].into_iter().chain(field))
                }
                failed @ Verdict::Failed(_) => failed,
            },
            Self::StaleVersion { .. } => Verdict::at(UserErrorCode::StaleVersion, ["expectedVersion"]),
            Self::KeyReused(_) => Verdict::at(UserErrorCode::IdempotencyKeyReused, ["idempotencyKey"]),
            Self::Failed(failure) => Verdict::Failed(failure),
        }
    }
}
