//! What can go wrong with categories, products and variants.

use serde::{Deserialize, Serialize};

use crate::{
    kernel::{
        error::{DomainError, Failure, KeyReused, TransactionError, UserErrorCode, Verdict},
        text::TextError,
    },
    shops::error::ShopError,
};

/// Fields are paths in the input with dots, such as `variants.2.sku`.
#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum ProductError {
    #[error("{field}: {error}")]
    Text { field: String, error: TextError },
    #[error("{field}: missing")]
    Missing { field: String },
    #[error("a slug is lower-case letters, digits and single hyphens")]
    InvalidSlug,
    #[error("the slug is taken")]
    SlugTaken,
    #[error("{field}: the shop has this SKU already")]
    SkuTaken { field: String },
    #[error("{field}: no such option, or not each of them once")]
    InvalidOptions { field: String },
    #[error("{field}: another one has this name already")]
    OptionTaken { field: String },
    #[error("{field}: too many")]
    TooMany { field: String },
    #[error("{field}: another variant has the same options")]
    SameOptions { field: String },
    #[error("{field}: a variant with options is called by their values")]
    TitleAndOptions { field: String },
    #[error("{field}: not what its attribute asks for")]
    NotOfKind { field: String },
    #[error("a handle is lower-case letters, digits and single hyphens")]
    InvalidHandle,
    #[error("the handle is taken")]
    HandleTaken,
    #[error("{field}: something else still needs it")]
    InUse { field: String },
    #[error("{field}: nothing was sent yet")]
    NotSent { field: String },
    #[error("{field}: the staff have hidden it")]
    Held { field: String },
    #[error("{field}: over already, or not before the product is taken from the market again")]
    BadMoment { field: String },
    #[error("{field}: a category cannot be below itself")]
    Cycle { field: String },
    #[error("{field}: out of range")]
    OutOfRange { field: String },
    #[error("{field}: not each of the variants once")]
    NotAllVariants { field: String },
    #[error("the price of the only variant and several variants exclude each other")]
    PriceAndVariants,
    #[error("{field}: not in the shop's currency")]
    CurrencyMismatch { field: String },
    #[error("{field}: what the catalogue is written in")]
    OwnLocale { field: String },
    #[error("{field}: the shop's own currency")]
    OwnCurrency { field: String },
    #[error("{field}: below zero")]
    PriceOutOfRange { field: String },
    #[error("a product has at most 100 variants")]
    TooManyVariants { field: String },
    /// What the input names at `field` does not exist, or the caller does not see it.
    #[error("{field}: not found")]
    NotFound { field: String },
    #[error("the version is {current} by now")]
    StaleVersion { current: i32 },
    /// As `StaleVersion`, of one of several.
    #[error("{field}: the version is {current} by now")]
    StaleVariant { field: String, current: i32 },
    #[error(transparent)]
    Shop(#[from] ShopError),
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    #[serde(skip)]
    Failed(#[from] Failure),
}

impl ProductError {
    pub(super) fn not_found(field: &str) -> Self {
        Self::NotFound { field: field.into() }
    }
}

impl TransactionError for ProductError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            Self::Shop(error) => error.failure(),
            _ => None,
        }
    }
}

impl DomainError for ProductError {
    fn verdict(self) -> Verdict {
        let at = |code, field: String| Verdict::at(code, field.split('.'));
        match self {
            Self::Text { field, error } => Verdict::of_text(&field, error),
            Self::Missing { field } => at(UserErrorCode::Blank, field),
            Self::InvalidSlug => Verdict::at(UserErrorCode::Invalid, ["slug"]),
            Self::InvalidHandle => Verdict::at(UserErrorCode::Invalid, ["handle"]),
            Self::HandleTaken => Verdict::at(UserErrorCode::Taken, ["handle"]),
            Self::InUse { field } => at(UserErrorCode::InUse, field),
            Self::NotSent { field } => at(UserErrorCode::UploadIncomplete, field),
            Self::SlugTaken => Verdict::at(UserErrorCode::Taken, ["slug"]),
            Self::PriceAndVariants => Verdict::at(UserErrorCode::Invalid, ["price"]),
            Self::CurrencyMismatch { field } => at(UserErrorCode::CurrencyMismatch, field),
            Self::PriceOutOfRange { field } | Self::OutOfRange { field } => at(UserErrorCode::OutOfRange, field),
            Self::TooManyVariants { field } | Self::TooMany { field } => at(UserErrorCode::TooMany, field),
            Self::Held { field } => at(UserErrorCode::NotPermitted, field),
            Self::InvalidOptions { field }
            | Self::TitleAndOptions { field }
            | Self::NotAllVariants { field }
            | Self::Cycle { field }
            | Self::BadMoment { field }
            | Self::OwnLocale { field }
            | Self::OwnCurrency { field }
            | Self::NotOfKind { field } => at(UserErrorCode::Invalid, field),
            Self::SkuTaken { field } | Self::OptionTaken { field } | Self::SameOptions { field } => {
                at(UserErrorCode::Taken, field)
            }
            Self::NotFound { field } => at(UserErrorCode::NotFound, field),
            Self::StaleVersion { .. } => Verdict::at(UserErrorCode::StaleVersion, ["expectedVersion"]),
            Self::StaleVariant { field, .. } => at(UserErrorCode::StaleVersion, field),
            Self::Shop(error) => error.verdict(),
            Self::KeyReused(_) => Verdict::at(UserErrorCode::IdempotencyKeyReused, ["idempotencyKey"]),
            Self::Failed(failure) => Verdict::Failed(failure),
        }
    }
}
