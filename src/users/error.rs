//! What can go wrong with accounts.

use serde::{Deserialize, Serialize};

use crate::kernel::{
    error::{DomainError, Failure, KeyReused, TransactionError, UserErrorCode, Verdict},
    text::TextError,
};

#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum AccountError {
    #[error("{field}: {error}")]
    Text { field: String, error: TextError },
    #[error("not an address")]
    InvalidEmail,
    #[error("a password has 10 to 256 characters")]
    PasswordLength,
    #[error("wrong address or password")]
    InvalidCredentials,
    #[error("wrong code")]
    InvalidCode,
    #[error("a key has a scope")]
    NoScope,
    #[error("a key ends after 1 to 3,650 days")]
    Lifetime,
    #[error("no such key, or it was revoked before")]
    NoSuchKey,
    #[error("no such session")]
    NoSuchSession,
    #[error("the refresh token is no good")]
    InvalidRefreshToken,
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    #[serde(skip)]
    Failed(#[from] Failure),
}

impl TransactionError for AccountError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

impl DomainError for AccountError {
    fn verdict(self) -> Verdict {
        match self {
            Self::Text { field, error } => Verdict::of_text(&field, error),
            Self::InvalidEmail => Verdict::at(UserErrorCode::InvalidEmail, ["email"]),
            Self::PasswordLength => Verdict::at(UserErrorCode::PasswordLength, ["password"]),
            Self::InvalidCredentials => Verdict::refused(UserErrorCode::InvalidCredentials),
            Self::InvalidCode => Verdict::at(UserErrorCode::InvalidCode, ["code"]),
            Self::NoScope => Verdict::at(UserErrorCode::Blank, ["scopes"]),
            Self::Lifetime => Verdict::at(UserErrorCode::OutOfRange, ["expiresInDays"]),
            Self::NoSuchKey => Verdict::at(UserErrorCode::NotFound, ["apiKeyId"]),
            Self::NoSuchSession => Verdict::at(UserErrorCode::NotFound, ["sessionId"]),
            Self::InvalidRefreshToken => Verdict::at(UserErrorCode::InvalidRefreshToken, ["refreshToken"]),
            Self::KeyReused(_) => Verdict::at(UserErrorCode::IdempotencyKeyReused, ["idempotencyKey"]),
            Self::Failed(failure) => Verdict::Failed(failure),
        }
    }
}
