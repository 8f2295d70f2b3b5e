//! How people rate what shops sell.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use crate::{
    kernel::id::Id,
    platform::gql::{Reader, WireError},
    products::{model::rating::Ratings, queries::ratings},
    shops::model::Shop,
};

/// The ratings of all products of a shop; nothing if none was rated. They are public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RatingsOfShop(pub Id<Shop>);

impl Loader<RatingsOfShop> for Reader {
    type Value = Ratings;
    type Error = WireError;

    async fn load(&self, keys: &[RatingsOfShop]) -> Result<HashMap<RatingsOfShop, Ratings>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| ratings::of_shops(conn, &ids)).await?;
        Ok(rows.into_iter().map(|(id, ratings)| (RatingsOfShop(id), ratings)).collect())
    }
}
