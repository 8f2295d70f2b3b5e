//! Images by id, one statement for all that a level of an answer names.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::{model::Medium, queries};
use crate::{
    kernel::id::Id,
    platform::gql::{Reader, WireError},
};

/// An image. Who knows of one may see it: ids come from what refers to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ImageById(pub Id<Medium>);

impl Loader<ImageById> for Reader {
    type Value = Medium;
    type Error = WireError;

    async fn load(&self, keys: &[ImageById]) -> Result<HashMap<ImageById, Medium>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let media = self.app.db.read(move |conn| queries::by_ids(conn, &ids)).await?;
        Ok(media.into_iter().map(|medium| (ImageById(medium.id), medium)).collect())
    }
}
