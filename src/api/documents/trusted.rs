//! Documents that the operator trusts, as this process has last seen them.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use crate::{
    documents::{model::DocumentHash, service},
    kernel::error::Failure,
    platform::{app::App, config::TrustedDocuments},
};

/// The texts of trusted documents. **Invariant:** finding one takes no statement.
pub struct Trusted {
    mode: TrustedDocuments,
    /// None until the database has been read.
    known: RwLock<Option<Known>>,
}

struct Known {
    revision: i64,
    texts: HashMap<DocumentHash, Arc<str>>,
}

impl Trusted {
    pub fn new(mode: TrustedDocuments) -> Self {
        Self { mode, known: RwLock::default() }
    }

    /// The text of a document, if it is trusted.
    ///
    /// # Errors
    /// [`Failure::DocumentNotTrusted`] if only those run that are, and [`Failure::Unavailable`] while they are not known.
    pub fn text(&self, hash: DocumentHash) -> Result<Option<Arc<str>>, Failure> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let text = known.as_ref().and_then(|known| known.texts.get(&hash)).map(Arc::clone);
        match (self.mode, text) {
            (TrustedDocuments::Only, None) if known.is_none() => Err(Failure::Unavailable),
            (TrustedDocuments::Only, None) => Err(Failure::DocumentNotTrusted),
            (_, text) => Ok(text),
        }
    }

    /// Reads them anew if they have changed.
    ///
    /// # Errors
    /// If the database fails; what was known stays.
    pub async fn refresh(&self, app: &App) -> Result<(), Failure> {
        if self.mode == TrustedDocuments::Off {
            return Ok(());
        }
        let revision = self.known.read().unwrap_or_else(PoisonError::into_inner).as_ref().map(|known| known.revision);
        if let Some(trusted) = service::trusted_since(app, revision).await? {
            let texts = trusted.texts.into_iter().map(|(hash, text)| (hash, text.into())).collect();
            let known = Known { revision: trusted.revision, texts };
            *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(known);
        }
        Ok(())
    }
}
