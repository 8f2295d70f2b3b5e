//! What can go wrong with favourites and wish lists.

use serde::{Deserialize, Serialize};

use crate::kernel::{
    error::{DomainError, Failure, KeyReused, TransactionError, UserErrorCode, Verdict},
    text::TextError,
};

#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum WishListError {
    #[error("{field}: {error}")]
    Text { field: String, error: TextError },
    /// What the input names at `field` does not exist, or the caller does not see it.
    #[error("{field}: not found")]
    NotFound { field: String },
    #[error("{field}: not of the product")]
    OfAnother { field: String },
    #[error("as many as there may be are there already")]
    TooMany,
    #[error("a quantity is from 1 to 10000")]
    Quantity,
    #[error("what is private has no link")]
    NoLink,
    #[error("the version is {current} by now")]
    StaleVersion { current: i32 },
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    #[serde(skip)]
    Failed(#[from] Failure),
}

impl WishListError {
    pub(super) fn not_found(field: &str) -> Self {
        Self::NotFound { field: field.into() }
    }
}

impl TransactionError for WishListError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

impl DomainError for WishListError {
    fn verdict(self) -> Verdict {
        match self {
            Self::Text { field, error } => Verdict::of_text(&field, error),
            Self::NotFound { field } => Verdict::at(UserErrorCode::NotFound, [field]),
            Self::OfAnother { field } => Verdict::at(UserErrorCode::Invalid, [field]),
            Self::TooMany => Verdict::refused(UserErrorCode::TooMany),
            Self::Quantity => Verdict::at(UserErrorCode::OutOfRange, ["quantity"]),
            Self::NoLink => Verdict::at(UserErrorCode::NotPermitted, ["wishListId"]),
            Self::StaleVersion { .. } => Verdict::at(UserErrorCode::StaleVersion, ["expectedVersion"]),
            Self::KeyReused(_) => Verdict::at(UserErrorCode::IdempotencyKeyReused, ["idempotencyKey"]),
            Self::Failed(failure) => Verdict::Failed(failure),
        }
    }
}
