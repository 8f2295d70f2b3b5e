//! What can be ordered, one statement for all that a level of an answer names.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::queries;
use crate::{
    kernel::id::Id,
    platform::gql::{Reader, WireError},
    products::model::Variant,
};

/// How many pieces of a variant can be ordered. Public, as far as the variant is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AvailableByVariant(pub Id<Variant>);

impl Loader<AvailableByVariant> for Reader {
    type Value = i32;
    type Error = WireError;

    async fn load(&self, keys: &[AvailableByVariant]) -> Result<HashMap<AvailableByVariant, i32>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let levels = self.app.db.read(move |conn| queries::default_levels(conn, &ids)).await?;
        Ok(levels.into_iter().map(|level| (AvailableByVariant(level.variant_id), level.on_hand)).collect())
    }
}
