//! Carts and what is in them for one caller, one statement for all that a level of an answer names.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::{
    model::{Cart, OfferedLine},
    policy::{self, Way},
    queries,
};
use crate::{
    kernel::id::Id,
    platform::gql::{Reader, WireError},
    users::model::signed_in,
};

/// A cart, if the caller sees it by this way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CartKey {
    id: Id<Cart>,
    way: Way,
}

impl CartKey {
    /// One's own cart by its id.
    pub const fn id(id: Id<Cart>) -> Self {
        Self { id, way: Way::Id }
    }

    /// A cart that a use case of the caller's has answered, or a stream to which they were let: its token was shown there.
    pub(super) const fn opened(id: Id<Cart>) -> Self {
        Self { id, way: Way::Token }
    }
}

impl Loader<CartKey> for Reader {
    type Value = Cart;
    type Error = WireError;

    async fn load(&self, keys: &[CartKey]) -> Result<HashMap<CartKey, Cart>, WireError> {
        let viewer = signed_in(&self.caller).ok();
        let ids: Vec<_> = keys.iter().map(|key| key.id).collect();
        let carts = self.app.db.read(move |conn| queries::by_ids(conn, &ids)).await?;
        let carts: HashMap<_, _> = carts.into_iter().map(|cart| (cart.id, cart)).collect();
        let found = |key: &CartKey| carts.get(&key.id).filter(|cart| policy::may_see(cart, viewer, key.way)).cloned();
        Ok(keys.iter().filter_map(|key| Some((*key, found(key)?))).collect())
    }
}

/// What is in a cart that the caller was shown in the same request, in the order in which it was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct LinesOf(pub Id<Cart>);

impl Loader<LinesOf> for Reader {
    type Value = Vec<OfferedLine>;
    type Error = WireError;

    async fn load(&self, keys: &[LinesOf]) -> Result<HashMap<LinesOf, Vec<OfferedLine>>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let mut found = HashMap::<_, Vec<_>>::new();
        for offered in self.app.db.read(move |conn| queries::offered(conn, &ids)).await? {
            found.entry(LinesOf(offered.line.cart_id)).or_default().push(offered);
        }
        Ok(found)
    }
}
