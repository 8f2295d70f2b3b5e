//! Why it cannot be said what recommendations are worth.

use crate::{kernel::error::Failure, platform::import::FileError};

#[derive(Debug, thiserror::Error)]
pub enum EvaluationError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("too few orders: some have to be learned from, and later ones need two products or more")]
    TooFew,
    #[error(transparent)]
    Failed(#[from] Failure),
}
