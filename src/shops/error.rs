//! What can go wrong with shops and their members.

use serde::{Deserialize, Serialize};

use crate::{
    kernel::{
        address::AddressError,
        error::{DomainError, Failure, KeyReused, TransactionError, UserErrorCode, Verdict},
        money::CurrencyCode,
        text::TextError,
    },
    platform::import::FileError,
};

#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum ShopError {
    #[error("{field}: {error}")]
    Text { field: String, error: TextError },
    #[error("a handle is lower-case letters, digits and single hyphens")]
    InvalidHandle,
    #[error("another shop has this handle")]
    HandleTaken,
    /// What the input names at `field` does not exist, or belongs to a shop that the caller does not work for.
    #[error("{field}: not found")]
    NotFound { field: String },
    #[error("the caller's role does not allow it")]
    NotPermitted,
    #[error("they are a member already")]
    AlreadyMember,
    #[error("a shop has at most 100 members, a person at most 100 shops")]
    TooMany,
    #[error("a shop keeps at least one owner")]
    LastOwner,
    #[error("shipsFrom.{0}")]
    Address(AddressError),
    /// A holiday ends after its beginning and not in the past, and lies in years that have four digits.
    #[error("holiday.{field}: out of range")]
    HolidayMoment { field: String },
    #[error("percent: not a percentage from 0 to 100 with at most two decimals")]
    Commission,
    #[error("policies.{place}: named before")]
    PolicyTwice { place: usize },
    #[error("nothing was sent to the upload yet")]
    NotSent,
    #[error("the version is {current} by now")]
    StaleVersion { current: i32 },
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    #[serde(skip)]
    Failed(#[from] Failure),
}

/// Why an import ended early. Batches that were written before stay; it can be run again.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("--owner: nobody has the address {0}; they sign up first")]
    Owner(String),
    #[error("--shop: {handle} trades in {shop}, but the file is in {file}")]
    Currency { handle: String, shop: CurrencyCode, file: CurrencyCode },
    #[error("--stock is from 0 to 1000000")]
    Stock,
    #[error("--shop: {0}")]
    Shop(#[from] ShopError),
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl TransactionError for ImportError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Shop(error) => error.failure(),
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

impl TransactionError for ShopError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

impl DomainError for ShopError {
    fn verdict(self) -> Verdict {
        match self {
            Self::Text { field, error } => Verdict::of_text(&field, error),
            Self::InvalidHandle => Verdict::at(UserErrorCode::Invalid, ["handle"]),
            Self::HandleTaken => Verdict::at(UserErrorCode::Taken, ["handle"]),
            Self::NotFound { field } => Verdict::at(UserErrorCode::NotFound, field.split('.')),
            Self::NotPermitted => Verdict::refused(UserErrorCode::NotPermitted),
            Self::AlreadyMember => Verdict::at(UserErrorCode::AlreadyDone, ["userId"]),
            Self::TooMany => Verdict::refused(UserErrorCode::TooMany),
            Self::LastOwner => Verdict::refused(UserErrorCode::LastOwner),
            Self::Address(error) => Verdict::of_address("shipsFrom", error),
            Self::HolidayMoment { field } => Verdict::at(UserErrorCode::OutOfRange, ["holiday", &field]),
            Self::Commission => Verdict::at(UserErrorCode::OutOfRange, ["percent"]),
            Self::PolicyTwice { place } => Verdict::at(UserErrorCode::Taken, ["policies", &place.to_string(), "kind"]),
            Self::NotSent => Verdict::at(UserErrorCode::UploadIncomplete, ["banner", "uploadId"]),
            Self::StaleVersion { .. } => Verdict::at(UserErrorCode::StaleVersion, ["expectedVersion"]),
            Self::KeyReused(_) => Verdict::at(UserErrorCode::IdempotencyKeyReused, ["idempotencyKey"]),
            Self::Failed(failure) => Verdict::Failed(failure),
        }
    }
}
