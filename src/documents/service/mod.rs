//! Use cases around documents.

mod files;
mod usage;

use std::collections::BTreeMap;

pub use self::{
    files::read,
    usage::{count, field_usage, forget_unused, list, record},
};
use super::{
    error::DocumentError,
    model::{Added, DocumentHash, MAXIMUM_TRUSTED, MAXIMUM_TRUSTED_BYTES, NewDocument, Trusted},
    queries,
};
use crate::{
    kernel::error::Failure,
    platform::{app::App, caller::Caller},
};

/// Trusts documents that were held against the schema before.
///
/// # Errors
/// [`DocumentError::TooMany`], and then none is; or if the database fails.
pub async fn trust(app: &App, caller: &Caller, documents: Vec<NewDocument>) -> Result<Added, DocumentError> {
    // Tools may name a document in several files.
    let documents: BTreeMap<_, _> = documents.into_iter().map(|document| (document.hash, document)).collect();
    let documents: Vec<_> = documents.into_values().collect();
    app.db
        .write(caller, move |tx| {
            queries::lock_state(tx)?;
            let before = queries::trusted_size(tx.conn())?;
            for documents in documents.chunks(500) {
                queries::set_trusted(tx, documents)?;
            }
            let after = queries::trusted_size(tx.conn())?;
            if after.documents > MAXIMUM_TRUSTED || after.bytes > MAXIMUM_TRUSTED_BYTES {
                return Err(DocumentError::TooMany { documents: after.documents, bytes: after.bytes });
            }
            queries::set_next_revision(tx)?;
            Ok(Added { new: after.documents - before.documents, all: after.documents })
        })
        .await
}

/// Trusts a document no more; what it was used for stays until it expires. Returns whether it was trusted.
///
/// # Errors
/// If the database fails.
pub async fn distrust(app: &App, caller: &Caller, hash: DocumentHash) -> Result<bool, Failure> {
    app.db
        .write(caller, move |tx| {
            queries::lock_state(tx)?;
            let was_trusted = queries::set_untrusted(tx, hash)?;
            if was_trusted {
                queries::set_next_revision(tx)?;
            }
            Ok(was_trusted)
        })
        .await
}

/// What is trusted, if it is not what was known under this revision.
///
/// # Errors
/// If the database fails.
pub async fn trusted_since(app: &App, known: Option<i64>) -> Result<Option<Trusted>, Failure> {
    app.db
        .read(move |conn| {
            // Read first: what changes meanwhile changes the revision again, and comes with the next look.
            let revision = queries::revision(conn)?;
            if known == Some(revision) {
                return Ok(None);
            }
            Ok(Some(Trusted { revision, texts: queries::trusted_texts(conn)? }))
        })
        .await
}
