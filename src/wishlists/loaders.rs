//! Favourites and wish lists for one caller, one statement for all that a level of an answer names.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::{
    model::{Audience, Item, WishList},
    policy::{Way, may_see},
    queries,
};
use crate::{
    kernel::id::Id,
    platform::gql::{Reader, WireError},
    products::model::Product,
    users::model::{User, signed_in},
};

/// A favourite of the caller's. Yields no other product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FavoriteProduct(pub Id<Product>);

impl Loader<FavoriteProduct> for Reader {
    type Value = ();
    type Error = WireError;

    async fn load(&self, keys: &[FavoriteProduct]) -> Result<HashMap<FavoriteProduct, ()>, WireError> {
        let Ok(user) = signed_in(&self.caller) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let favorites = self.app.db.read(move |conn| queries::favorites_of(conn, user, &ids)).await?;
        Ok(favorites.into_iter().map(|id| (FavoriteProduct(id), ())).collect())
    }
}

/// A wish list, if the caller may see it by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WishListById(pub Id<WishList>);

impl Loader<WishListById> for Reader {
    type Value = WishList;
    type Error = WireError;

    async fn load(&self, keys: &[WishListById]) -> Result<HashMap<WishListById, WishList>, WireError> {
        let viewer = signed_in(&self.caller).ok();
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::by_ids(conn, viewer, &ids)).await?;
        let seen = rows.into_iter().filter(|(list, is_blocked)| may_see(list, viewer, *is_blocked, Way::Id));
        Ok(seen.map(|(list, _)| (WishListById(list.id), list)).collect())
    }
}

/// The first items of a wish list that the caller was shown, the last one first: at most `limit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FirstItems {
    pub list: Id<WishList>,
    pub audience: Audience,
    pub limit: i64,
}

impl Loader<FirstItems> for Reader {
    type Value = Vec<Item>;
    type Error = WireError;

    async fn load(&self, keys: &[FirstItems]) -> Result<HashMap<FirstItems, Vec<Item>>, WireError> {
        // Those of one field of an answer are alike but for the list.
        let mut alike = HashMap::<_, Vec<_>>::new();
        for key in keys {
            alike.entry((key.audience, key.limit)).or_default().push(key.list);
        }
        let mut found = HashMap::<_, Vec<_>>::new();
        for ((audience, limit), lists) in alike {
            let items = self.app.db.read(move |conn| queries::first_items(conn, &lists, audience, limit)).await?;
            for item in items {
                found.entry(FirstItems { list: item.wish_list_id, audience, limit }).or_default().push(item);
            }
        }
        Ok(found)
    }
}

/// The public wish lists of a person, the newest first, unless they have blocked the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicWishLists(pub Id<User>);

impl Loader<PublicWishLists> for Reader {
    type Value = Vec<WishList>;
    type Error = WireError;

    async fn load(&self, keys: &[PublicWishLists]) -> Result<HashMap<PublicWishLists, Vec<WishList>>, WireError> {
        let viewer = signed_in(&self.caller).ok();
        let owners: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::public_of(conn, viewer, &owners)).await?;
        let mut found = HashMap::<_, Vec<_>>::new();
        for (list, is_blocked) in rows {
            if may_see(&list, viewer, is_blocked, Way::Id) {
                found.entry(PublicWishLists(list.owner_id)).or_default().push(list);
            }
        }
        Ok(found)
    }
}
