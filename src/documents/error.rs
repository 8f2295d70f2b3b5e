//! Why documents are not added.

use std::{io, path::PathBuf};

use super::model::DocumentHash;
use crate::kernel::error::{Failure, TransactionError};

/// Why documents are not added. It names the file and what to do.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    #[error("{}: {error}", file.display())]
    File { file: PathBuf, error: io::Error },
    #[error("{}: documents are in .graphql and .gql files, manifests in .json files", .0.display())]
    Kind(PathBuf),
    #[error("{}:{line}: {problem}", file.display())]
    Manifest { file: PathBuf, line: usize, problem: String },
    #[error(
        "{}:{line}: `{name}` is not the SHA-256 of its document, which is {hash}; have the hashes made with SHA-256",
        file.display()
    )]
    Name { file: PathBuf, line: usize, name: String, hash: DocumentHash },
    #[error(
        "{documents} documents of {bytes} bytes would be trusted; at most {} of {} bytes are",
        super::model::MAXIMUM_TRUSTED,
        super::model::MAXIMUM_TRUSTED_BYTES
    )]
    TooMany { documents: i64, bytes: i64 },
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl TransactionError for DocumentError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}
