//! What can go wrong with payouts.

use serde::{Deserialize, Serialize};

use crate::{
    kernel::error::{DomainError, Failure, KeyReused, TransactionError, UserErrorCode, Verdict},
    shops::error::ShopError,
};

#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum PayoutError {
    #[error("the return URL is not allowed")]
    ReturnUrl,
    #[error("this market takes no payments")]
    NoProvider,
    #[error(transparent)]
    Shop(#[from] ShopError),
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    #[serde(skip)]
    Failed(#[from] Failure),
}

impl TransactionError for PayoutError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            Self::Shop(error) => error.failure(),
            _ => None,
        }
    }
}

impl DomainError for PayoutError {
    fn verdict(self) -> Verdict {
        match self {
            Self::ReturnUrl => Verdict::at(UserErrorCode::ReturnUrlNotAllowed, ["returnUrl"]),
            Self::NoProvider => Verdict::refused(UserErrorCode::PaymentsUnavailable),
            Self::Shop(error) => error.verdict(),
            Self::KeyReused(_) => Verdict::at(UserErrorCode::IdempotencyKeyReused, ["idempotencyKey"]),
            Self::Failed(failure) => Verdict::Failed(failure),
        }
    }
}
