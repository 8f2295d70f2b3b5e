//! What can go wrong with files of products.

use serde::{Deserialize, Serialize};

use crate::{
    inventory::error::StockError,
    kernel::error::{DomainError, Failure, KeyReused, TransactionError, UserErrorCode, Verdict},
    media::error::MediaError,
    platform::import::FileError,
    porting::model::MAXIMUM_AT_ONCE,
    products::error::ProductError,
    shops::error::{ImportError, ShopError},
};

/// Why an import or an export ended early. Batches that were written before stay; an import can be run again.
#[derive(Debug, thiserror::Error)]
pub enum PortingError {
    #[error("the name of the file ends neither in .csv nor in .jsonl")]
    Format,
    #[error(
        "a file of which all rows are taken or none, or that is only tried out, has at most {MAXIMUM_AT_ONCE} rows"
    )]
    TooManyRows,
    #[error("there is no shop {0}")]
    NoShop(String),
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error("the file could not be written: {0}")]
    Write(#[from] std::io::Error),
    #[error(transparent)]
    Stock(#[from] StockError),
    #[error(transparent)]
    Product(#[from] ProductError),
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl TransactionError for PortingError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            Self::Stock(error) => error.failure(),
            Self::Product(error) => error.failure(),
            Self::Import(error) => error.failure(),
            _ => None,
        }
    }
}

/// Why a file that somebody sent is not imported.
#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum ProductImportError {
    #[error("no such import, or of a shop that the caller does not work for")]
    NotFound,
    #[error("another import of the shop goes on")]
    Busy,
    #[error(transparent)]
    Media(#[from] MediaError),
    #[error(transparent)]
    Shop(#[from] ShopError),
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    #[serde(skip)]
    Failed(#[from] Failure),
}

impl TransactionError for ProductImportError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            Self::Media(error) => error.failure(),
            Self::Shop(error) => error.failure(),
            _ => None,
        }
    }
}

impl DomainError for ProductImportError {
    fn verdict(self) -> Verdict {
        match self {
            Self::NotFound => Verdict::at(UserErrorCode::NotFound, ["productImportId"]),
            Self::Busy => Verdict::at(UserErrorCode::TooMany, ["shopId"]),
            Self::Media(error) => error.verdict(),
            Self::Shop(error) => error.verdict(),
            Self::KeyReused(_) => Verdict::at(UserErrorCode::IdempotencyKeyReused, ["idempotencyKey"]),
            Self::Failed(failure) => Verdict::Failed(failure),
        }
    }
}
