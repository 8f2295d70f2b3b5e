//! What is left of variants, one statement for all that a level of an answer names.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use uuid::Uuid;

use super::{
    model::{Held, Left, StockRule},
    queries,
};
use crate::{
    kernel::id::Id,
    platform::gql::{Reader, WireError},
    products::model::Variant,
    users::model::signed_in,
};

/// What is left of a variant. Public, as far as the variant is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LeftOf(pub Id<Variant>);

impl Loader<LeftOf> for Reader {
    type Value = Left;
    type Error = WireError;

    async fn load(&self, keys: &[LeftOf]) -> Result<HashMap<LeftOf, Left>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let now = self.app.now();
        let rows = self.app.db.read(move |conn| queries::left(conn, &ids, now)).await?;
        Ok(rows.into_iter().map(|(variant, left)| (LeftOf(variant), left)).collect())
    }
}

/// What is held for somebody: for whoever the caller was let to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HeldFor(pub Uuid);

impl Loader<HeldFor> for Reader {
    type Value = Held;
    type Error = WireError;

    async fn load(&self, keys: &[HeldFor]) -> Result<HashMap<HeldFor, Held>, WireError> {
        let (now, holders): (_, Vec<_>) = (self.app.now(), keys.iter().map(|key| key.0).collect());
        let held = self.app.db.read(move |conn| queries::reservations::held(conn, &holders, now)).await?;
        Ok(held.into_iter().map(|(holder, held)| (HeldFor(holder), held)).collect())
    }
}

/// A variant for which the caller waits. Yields no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AwaitedVariant(pub Id<Variant>);

impl Loader<AwaitedVariant> for Reader {
    type Value = ();
    type Error = WireError;

    async fn load(&self, keys: &[AwaitedVariant]) -> Result<HashMap<AwaitedVariant, ()>, WireError> {
        let Ok(user) = signed_in(&self.caller) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let awaited = self.app.db.read(move |conn| queries::notices::awaited_by(conn, user, &ids)).await?;
        Ok(awaited.into_iter().map(|id| (AwaitedVariant(id), ())).collect())
    }
}

/// What a shop has decided about the stock of a variant, if the caller works for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RuleOf(pub Id<Variant>);

impl Loader<RuleOf> for Reader {
    type Value = StockRule;
    type Error = WireError;

    async fn load(&self, keys: &[RuleOf]) -> Result<HashMap<RuleOf, StockRule>, WireError> {
        let Ok(user) = signed_in(&self.caller) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::rules_of(conn, user, &ids)).await?;
        Ok(rows.into_iter().map(|(variant, rule)| (RuleOf(variant), rule)).collect())
    }
}
