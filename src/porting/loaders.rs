//! Imports for one caller, one statement for all that a level of an answer names.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::{model::ProductImport, queries::imports};
use crate::{
    kernel::id::Id,
    platform::gql::{Reader, WireError},
    users::model::signed_in,
};

/// An import into a shop that the caller works for. Yields no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ProductImportById(pub Id<ProductImport>);

impl Loader<ProductImportById> for Reader {
    type Value = ProductImport;
    type Error = WireError;

    async fn load(&self, keys: &[ProductImportById]) -> Result<HashMap<ProductImportById, ProductImport>, WireError> {
        let Ok(user) = signed_in(&self.caller) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| imports::by_ids(conn, user, &ids)).await?;
        Ok(rows.into_iter().map(|row| (ProductImportById(row.id), row)).collect())
    }
}
