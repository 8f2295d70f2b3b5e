//! What can go wrong with uploads.

use serde::{Deserialize, Serialize};

use crate::{
    kernel::error::{DomainError, Failure, KeyReused, TransactionError, UserErrorCode, Verdict},
    platform::{images::ImageFault, storage::StorageError},
};

#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum MediaError {
    #[error("a file has at least one byte")]
    Empty,
    #[error("a file has at most {maximum} bytes")]
    TooLarge { maximum: u64 },
    #[error("too many uploads are open, or too much was announced in a day")]
    TooMany,
    #[error("as much of theirs is kept as may be")]
    NoRoom,
    #[error("no such upload of the caller's, or not for this, or what came of it is gone")]
    NoSuchUpload,
    #[error("nothing was sent yet")]
    Incomplete,
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    #[serde(skip)]
    Failed(#[from] Failure),
}

impl TransactionError for MediaError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

impl DomainError for MediaError {
    fn verdict(self) -> Verdict {
        match self {
            Self::Empty => Verdict::at(UserErrorCode::OutOfRange, ["byteSize"]),
            Self::TooLarge { .. } => Verdict::at(UserErrorCode::TooLarge, ["byteSize"]),
            Self::TooMany => Verdict::refused(UserErrorCode::TooMany),
            Self::NoRoom => Verdict::refused(UserErrorCode::StorageExhausted),
            Self::NoSuchUpload => Verdict::at(UserErrorCode::NotFound, ["uploadId"]),
            Self::Incomplete => Verdict::at(UserErrorCode::UploadIncomplete, ["uploadId"]),
            Self::KeyReused(_) => Verdict::at(UserErrorCode::IdempotencyKeyReused, ["idempotencyKey"]),
            Self::Failed(failure) => Verdict::Failed(failure),
        }
    }
}

/// Why a file that was sent is not taken. Another one may be sent to the same URL, but for [`ReceiveError::NotFound`] and
/// [`ReceiveError::Expired`].
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    #[error("this is no URL of an upload")]
    NotFound,
    #[error("the upload has expired; ask for another one")]
    Expired,
    #[error("the file is larger than was announced")]
    TooLarge,
    #[error("the file is smaller than was announced")]
    TooSmall,
    #[error("a file is sent as it is, without Content-Encoding")]
    Encoded,
    #[error("the file did not arrive as a whole")]
    Broken,
    #[error("the file did not arrive in time")]
    Slow,
    #[error(transparent)]
    Image(#[from] ImageFault),
    #[error("the file is compressed; send it as it is")]
    Compressed,
    #[error("too much of yours was kept within a day")]
    TooMuch,
    #[error("as much of yours is kept as may be")]
    NoRoom,
    #[error("the storage is full")]
    Full,
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl From<StorageError> for ReceiveError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Full => {
                tracing::error!(cause = %error, "an upload was refused");
                Self::Full
            }
            other => Self::Failed(other.into()),
        }
    }
}

impl From<std::io::Error> for ReceiveError {
    fn from(error: std::io::Error) -> Self {
        StorageError::from(error).into()
    }
}

impl TransactionError for ReceiveError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}
