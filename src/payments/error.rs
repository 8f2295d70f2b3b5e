//! What can go wrong when paying.

use serde::{Deserialize, Serialize};

use crate::{
    kernel::{
        error::{DomainError, Failure, KeyReused, TransactionError, UserErrorCode, Verdict},
        money::MoneyError,
    },
    platform::clock::Time,
};

#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum PaymentError {
    #[error("another payment is in progress")]
    InProgress,
    #[error("too many cards were declined; the next attempt is carried out from {retry_at} on")]
    TooManyDeclines { retry_at: Time },
    #[error("the return URL is not allowed")]
    ReturnUrl,
    #[error("not a method that the provider knows")]
    Method,
    #[error("not a method that they keep")]
    NoMethod,
    #[error("nobody is there to keep the method for")]
    NotKept,
    #[error("they keep as many methods as they may")]
    TooManyMethods,
    #[error("this market takes no payments")]
    NoProvider,
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    #[serde(skip)]
    Failed(#[from] Failure),
}

impl From<MoneyError> for PaymentError {
    fn from(error: MoneyError) -> Self {
        Self::Failed(Failure::internal(error))
    }
}

impl TransactionError for PaymentError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

impl DomainError for PaymentError {
    fn verdict(self) -> Verdict {
        match self {
            Self::InProgress => Verdict::refused(UserErrorCode::PaymentInProgress),
            Self::TooManyDeclines { .. } => Verdict::refused(UserErrorCode::TooManyAttempts),
            Self::ReturnUrl => Verdict::at(UserErrorCode::ReturnUrlNotAllowed, ["returnUrl"]),
            Self::Method => Verdict::at(UserErrorCode::Invalid, ["method", "token"]),
            Self::NoMethod => Verdict::at(UserErrorCode::NotFound, ["method", "storedId"]),
            Self::NotKept => Verdict::at(UserErrorCode::Invalid, ["storeMethod"]),
            Self::TooManyMethods => Verdict::at(UserErrorCode::TooMany, ["storeMethod"]),
            Self::NoProvider => Verdict::refused(UserErrorCode::PaymentsUnavailable),
            Self::KeyReused(_) => Verdict::at(UserErrorCode::IdempotencyKeyReused, ["idempotencyKey"]),
            Self::Failed(failure) => Verdict::Failed(failure),
        }
    }
}

/// What can go wrong with a way to pay that somebody keeps.
#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum MethodError {
    #[error("not a method that they keep")]
    NotFound,
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    #[serde(skip)]
    Failed(#[from] Failure),
}

impl TransactionError for MethodError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

impl DomainError for MethodError {
    fn verdict(self) -> Verdict {
        match self {
            Self::NotFound => Verdict::at(UserErrorCode::NotFound, ["paymentMethodId"]),
            Self::KeyReused(_) => Verdict::at(UserErrorCode::IdempotencyKeyReused, ["idempotencyKey"]),
            Self::Failed(failure) => Verdict::Failed(failure),
        }
    }
}
