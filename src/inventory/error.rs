//! What can go wrong with stock.

use serde::{Deserialize, Serialize};

use crate::{
    kernel::{
        error::{DomainError, Failure, KeyReused, TransactionError, UserErrorCode, Verdict},
        text::TextError,
    },
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
    #[error("{field}: does not go with the rest")]
    Invalid { field: String },
    #[error("{field}: {error}")]
    Text { field: String, error: TextError },
    #[error("{field}: something lies there, or orders owe from there")]
    InUse { field: String },
    #[error("another location of the shop has this name")]
    NameTaken,
    #[error("a shop has at most 50 locations")]
    TooManyLocations,
    #[error("a person waits for at most 500 variants")]
    TooManyNotices,
    #[error("it can be ordered now")]
    AlreadyAvailable,
    #[error("fewer pieces are left than would be taken away")]
    OutOfStock,
    #[error("{field}: fewer pieces lie there")]
    TooFew { field: String },
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
        let at = |code, field: String| Verdict::at(code, field.split('.'));
        match self {
            Self::NotFound { field } => at(UserErrorCode::NotFound, field),
            Self::OutOfRange { field } => at(UserErrorCode::OutOfRange, field),
            Self::Invalid { field } => at(UserErrorCode::Invalid, field),
            Self::Text { field, error } => Verdict::of_text(&field, error),
            Self::InUse { field } => at(UserErrorCode::InUse, field),
            Self::NameTaken => Verdict::at(UserErrorCode::Taken, ["name"]),
            Self::TooManyNotices => Verdict::refused(UserErrorCode::TooMany),
            Self::AlreadyAvailable => Verdict::at(UserErrorCode::AlreadyAvailable, ["variantId"]),
            Self::TooManyLocations => Verdict::at(UserErrorCode::TooMany, ["shopId"]),
            Self::OutOfStock => Verdict::at(UserErrorCode::OutOfStock, ["change", "by"]),
            Self::TooFew { field } => at(UserErrorCode::OutOfStock, field),
            Self::StockChanged => Verdict::at(UserErrorCode::StockChanged, ["change", "to", "expected"]),
            Self::Product(error) => error.verdict(),
            Self::Shop(error) => error.verdict(),
            Self::KeyReused(_) => Verdict::at(UserErrorCode::IdempotencyKeyReused, ["idempotencyKey"]),
            Self::Failed(failure) => Verdict::Failed(failure),
        }
    }
}
