//! What validation says about a document.

use std::{collections::HashSet, sync::Arc};

use async_graphql::{
    ServerError, ValidationResult,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation},
};

use super::{Document, Documents};
use crate::{
    api::errors::{MAXIMUM_ERRORS, set_code},
    kernel::error::ErrorCode,
};

/// Keeps what validation finds good, and marks what it finds wrong.
pub struct Validated(Arc<Documents>);

impl Validated {
    pub fn new(documents: Arc<Documents>) -> Self {
        Self(documents)
    }
}

impl ExtensionFactory for Validated {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self(Arc::clone(&self.0)))
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for Validated {
    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let validated = next.run(ctx).await;
        if let (Ok(_), Some(document)) = (&validated, ctx.data_opt::<Arc<Document>>()) {
            self.0.keep(document);
        }
        validated.map_err(|errors| {
            // The same problem in many places is told once.
            let mut seen = HashSet::new();
            errors
                .into_iter()
                .filter(|error| seen.insert(error.message.clone()))
                .take(MAXIMUM_ERRORS)
                .map(|mut error| {
                    set_code(&mut error, ErrorCode::ValidationFailed);
                    error
                })
                .collect()
        })
    }
}
