//! What can go wrong with reviews.

use serde::{Deserialize, Serialize};

use crate::kernel::{
    error::{DomainError, Failure, KeyReused, TransactionError, UserErrorCode, Verdict},
    text::TextError,
};

#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum ReviewError {
    #[error("{field}: {error}")]
    Text { field: String, error: TextError },
    /// What the input names at `field` does not exist, or the caller does not see it.
    #[error("{field}: not found")]
    NotFound { field: String },
    #[error("a rating is from 1 to 5")]
    Rating,
    #[error("the caller has not bought it here, or not paid")]
    NotBought,
    #[error("who works for the shop does not review what it sells")]
    OwnShop,
    #[error("the caller has reviewed it already")]
    AlreadyReviewed,
    #[error("a review has at most 6 photos")]
    TooManyPhotos,
    #[error("{field}: a photo is shown once")]
    Twice { field: String },
    #[error("{field}: nothing was sent yet")]
    NotSent { field: String },
    #[error("the staff have hidden it, or are yet to look at what was reported")]
    Hidden,
    #[error("the caller's role does not allow it")]
    NotPermitted,
    #[error("the staff keep them from writing")]
    Suspended,
    #[error("nobody reports their own")]
    Own,
    #[error("it stands like that already")]
    AlreadyDone,
    #[error("the version is {current} by now")]
    StaleVersion { current: i32 },
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    #[serde(skip)]
    Failed(#[from] Failure),
}

impl ReviewError {
    pub(super) fn not_found(field: &str) -> Self {
        Self::NotFound { field: field.into() }
    }
}

impl TransactionError for ReviewError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

impl DomainError for ReviewError {
    fn verdict(self) -> Verdict {
        let at = |code, field: String| Verdict::at(code, field.split('.'));
        match self {
            Self::Text { field, error } => Verdict::of_text(&field, error),
            Self::NotFound { field } => at(UserErrorCode::NotFound, field),
            Self::Rating => Verdict::at(UserErrorCode::OutOfRange, ["rating"]),
            Self::NotBought | Self::OwnShop => Verdict::at(UserErrorCode::NotPermitted, ["productId"]),
            Self::AlreadyReviewed => Verdict::at(UserErrorCode::AlreadyDone, ["productId"]),
            Self::TooManyPhotos => Verdict::at(UserErrorCode::TooMany, ["photos"]),
            Self::Twice { field } => at(UserErrorCode::Taken, field),
            Self::NotSent { field } => at(UserErrorCode::UploadIncomplete, field),
            Self::Hidden | Self::NotPermitted | Self::Own => Verdict::at(UserErrorCode::NotPermitted, ["reviewId"]),
            Self::Suspended => Verdict::refused(UserErrorCode::AccountSuspended),
            Self::AlreadyDone => Verdict::at(UserErrorCode::AlreadyDone, ["reviewId"]),
            Self::StaleVersion { .. } => Verdict::at(UserErrorCode::StaleVersion, ["expectedVersion"]),
            Self::KeyReused(_) => Verdict::at(UserErrorCode::IdempotencyKeyReused, ["idempotencyKey"]),
            Self::Failed(failure) => Verdict::Failed(failure),
        }
    }

    fn is_for_now(&self) -> bool {
        matches!(self, Self::Suspended)
    }
}
