//! What can go wrong with promotions.

use serde::{Deserialize, Serialize};

use super::model::Promotion;
use crate::{
    kernel::{
        error::{DomainError, Failure, KeyReused, TransactionError, UserErrorCode, Verdict},
        id::Id,
        text::TextError,
    },
    shops::error::ShopError,
};

#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum PromotionError {
    #[error("{field}: {error}")]
    Text { field: String, error: TextError },
    #[error("a code is 3 to 40 letters, digits and hyphens")]
    Code,
    #[error("another promotion of the shop has this code")]
    CodeTaken,
    /// It belongs to another kind of promotion, or is missing for this one.
    #[error("{field}: not of this kind")]
    NotOfKind { field: String },
    #[error("{field}: out of range")]
    OutOfRange { field: String },
    #[error("the amount and the minimum are in one currency")]
    Currency,
    #[error("as many promotions as a shop may have are there already")]
    TooMany,
    #[error("no such promotion, or of a shop that the caller does not work for")]
    NotFound,
    /// As many orders have it as may, or as many of this buyer: others were faster than this one.
    #[error("{promotion} is used up")]
    UsedUp { promotion: Id<Promotion> },
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

impl TransactionError for PromotionError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            Self::Shop(error) => error.failure(),
            _ => None,
        }
    }
}

impl DomainError for PromotionError {
    fn verdict(self) -> Verdict {
        match self {
            Self::Text { field, error } => Verdict::of_text(&field, error),
            Self::Code => Verdict::at(UserErrorCode::Invalid, ["code"]),
            Self::CodeTaken => Verdict::at(UserErrorCode::Taken, ["code"]),
            Self::NotOfKind { field } => Verdict::at(UserErrorCode::Invalid, [field]),
            Self::OutOfRange { field } => Verdict::at(UserErrorCode::OutOfRange, [field]),
            Self::Currency => Verdict::at(UserErrorCode::CurrencyMismatch, ["minimumSubtotal"]),
            Self::TooMany => Verdict::at(UserErrorCode::TooMany, ["shopId"]),
            Self::NotFound => Verdict::at(UserErrorCode::NotFound, ["promotionId"]),
            // What it would have taken off is to be paid after all.
            Self::UsedUp { .. } => Verdict::refused(UserErrorCode::PriceChanged),
            Self::StaleVersion { .. } => Verdict::at(UserErrorCode::StaleVersion, ["expectedVersion"]),
            Self::Shop(error) => error.verdict(),
            Self::KeyReused(_) => Verdict::at(UserErrorCode::IdempotencyKeyReused, ["idempotencyKey"]),
            Self::Failed(failure) => Verdict::Failed(failure),
        }
    }
}
