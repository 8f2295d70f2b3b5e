//! Saved searches by id, for whom they are.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::{model::SavedSearch, queries};
use crate::{
    kernel::id::Id,
    platform::gql::{Reader, WireError},
    users::model::oneself,
};

/// A saved search of the caller's own. Yields nobody else's, and none to who asks in another's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OwnSearch(pub Id<SavedSearch>);

impl Loader<OwnSearch> for Reader {
    type Value = SavedSearch;
    type Error = WireError;

    async fn load(&self, keys: &[OwnSearch]) -> Result<HashMap<OwnSearch, SavedSearch>, WireError> {
        let Ok(user) = oneself(&self.caller) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = self.app.db.read(move |conn| queries::saved_by_ids(conn, user, &ids)).await?;
        Ok(found.into_iter().map(|row| (OwnSearch(row.id), row)).collect())
    }
}
