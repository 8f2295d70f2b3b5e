//! What can go wrong with searches.

use serde::{Deserialize, Serialize};

use crate::kernel::{
    error::{DomainError, Failure, KeyReused, TransactionError, UserErrorCode, Verdict},
    text::TextError,
};

#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum SearchError {
    #[error("name: {0}")]
    Name(TextError),
    #[error("no such search")]
    NotFound,
    #[error("a filter that narrows nothing")]
    EmptyFilter,
    #[error("a filter that is too long")]
    LongFilter,
    #[error("more searches than are taken at once")]
    TooManyTold,
    #[error("as many as there may be are there already")]
    TooMany,
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    #[serde(skip)]
    Failed(#[from] Failure),
}

impl TransactionError for SearchError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

impl DomainError for SearchError {
    fn verdict(self) -> Verdict {
        match self {
            Self::Name(error) => Verdict::of_text("name", error),
            Self::NotFound => Verdict::at(UserErrorCode::NotFound, ["savedSearchId"]),
            Self::EmptyFilter => Verdict::at(UserErrorCode::Blank, ["filter"]),
            Self::LongFilter => Verdict::at(UserErrorCode::TooLong, ["filter"]),
            Self::TooManyTold => Verdict::at(UserErrorCode::TooMany, ["searches"]),
            Self::TooMany => Verdict::refused(UserErrorCode::TooMany),
            Self::KeyReused(_) => Verdict::at(UserErrorCode::IdempotencyKeyReused, ["idempotencyKey"]),
            Self::Failed(failure) => Verdict::Failed(failure),
        }
    }
}
