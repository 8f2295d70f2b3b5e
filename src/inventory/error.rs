//! What can go wrong with stock.

use serde::{Deserialize, Serialize};

use crate::{
    kernel::error::{DomainError, Failure, KeyReused, TransactionError, UserErrorCode, Verdict},
    products::error::ProductError,
    shops::error::ShopError,
};

#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum StockError {
    /// What the input names at `field` does not exist, or belongs to a shop that the caller does not work for.
    #[error("{field}: not found")]
    NotFound { field: String },
    #[error("{field}: out of range")]
    OutOfRange { field: String },
    #[error("fewer pieces are left than would be taken away")]
    OutOfStock,
    #[error("the level is not the expected one")]
    StockChanged,
    #[error(transparent)]
    Product(#[from] ProductError),
    #[error(transparent)]
    Shop(#[from] ShopError),
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    #[serde(skip)]
    Failed(#[from] Failure),
}

impl TransactionError for StockError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            Self::Product(error) => error.failure(),
            Self::Shop(error) => error.failure(),
            _ => None,
        }
    }
}

impl DomainError for StockError {
    fn verdict(self) -> Verdict {
        match self {
            Self::NotFound { field } => Verdict::at(UserErrorCode::NotFound, field.split('.')),
            Self::OutOfRange { field } => Verdict::at(UserErrorCode::OutOfRange, field.split('.')),
            Self::OutOfStock => Verdict::at(UserErrorCode::OutOfStock, ["change", "by"]),
            Self::StockChanged => Verdict::at(UserErrorCode::StockChanged, ["change", "to", "expected"]),
            Self::Product(error) => error.verdict(),
            Self::Shop(error) => error.verdict(),
            Self::KeyReused(_) => Verdict::at(UserErrorCode::IdempotencyKeyReused, ["idempotencyKey"]),
            Self::Failed(failure) => Verdict::Failed(failure),
        }
    }
}
