//! Payouts for one caller, one statement for all that a level of an answer names.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::{model::Payout, queries};
use crate::{
    kernel::id::Id,
    platform::gql::{Reader, WireError},
    shops::model::Permission,
    users::model::signed_in,
};

/// A payout of a shop whose money the caller sees. Yields no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PayoutById(pub Id<Payout>);

impl Loader<PayoutById> for Reader {
    type Value = Payout;
    type Error = WireError;

    async fn load(&self, keys: &[PayoutById]) -> Result<HashMap<PayoutById, Payout>, WireError> {
        let Ok(user) = signed_in(&self.caller) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::by_ids(conn, user, &ids)).await?;
        let seen = rows.into_iter().filter(|(_, role)| role.may(Permission::SeeMoney));
        Ok(seen.map(|(row, _)| (PayoutById(row.id), row)).collect())
    }
}
