//! Promotions for one caller, one statement for all that a level of an answer names.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::{
    model::Promotion,
    queries::{self, uses},
};
use crate::{
    kernel::id::Id,
    platform::gql::{Reader, WireError},
    users::model::signed_in,
};

/// A promotion of a shop that the caller works for. Yields no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PromotionById(pub Id<Promotion>);

impl Loader<PromotionById> for Reader {
    type Value = Promotion;
    type Error = WireError;

    async fn load(&self, keys: &[PromotionById]) -> Result<HashMap<PromotionById, Promotion>, WireError> {
        let Ok(user) = signed_in(&self.caller) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::by_ids(conn, user, &ids)).await?;
        Ok(rows.into_iter().map(|row| (PromotionById(row.id), row)).collect())
    }
}

/// How many orders have a promotion of a shop that the caller works for; of more than 10,000 so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UsesOf(pub Id<Promotion>);

impl Loader<UsesOf> for Reader {
    type Value = i64;
    type Error = WireError;

    async fn load(&self, keys: &[UsesOf]) -> Result<HashMap<UsesOf, i64>, WireError> {
        let Ok(user) = signed_in(&self.caller) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let counts = self.app.db.read(move |conn| uses::counts(conn, user, &ids)).await?;
        Ok(counts.into_iter().map(|(id, count)| (UsesOf(id), count)).collect())
    }
}
