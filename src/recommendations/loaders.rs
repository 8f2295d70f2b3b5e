//! What is recommended to one caller, one statement for all that a level of an answer names.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::{
    model::{Intent, Recommended, mixed},
    queries,
};
use crate::{
    carts::model::Cart,
    kernel::id::Id,
    platform::gql::{Reader, WireError},
    products::model::Product,
    users::model::signed_in,
};

/// What goes with a product that the caller was shown in the same request, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RelatedTo {
    pub product: Id<Product>,
    pub intent: Intent,
}

impl Loader<RelatedTo> for Reader {
    type Value = Vec<Recommended>;
    type Error = WireError;

    async fn load(&self, keys: &[RelatedTo]) -> Result<HashMap<RelatedTo, Vec<Recommended>>, WireError> {
        let viewer = signed_in(&self.caller).ok();
        // Those of one field of an answer are alike but for the product.
        let mut alike = HashMap::<_, Vec<_>>::new();
        for key in keys {
            alike.entry(key.intent).or_default().push(key.product);
        }
        let mut found = HashMap::<_, Vec<_>>::new();
        for (intent, products) in alike {
            let rows = self.app.db.read(move |conn| queries::related(conn, viewer, intent, &products)).await?;
            for (product, row) in rows {
                found.entry(RelatedTo { product, intent }).or_default().push(row);
            }
        }
        Ok(found.into_iter().map(|(key, rows)| (key, mixed(rows, |row| row.card.shop_id))).collect())
    }
}

/// What goes with what is in a cart that the caller was shown in the same request, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BesideCart(pub Id<Cart>);

impl Loader<BesideCart> for Reader {
    type Value = Vec<Recommended>;
    type Error = WireError;

    async fn load(&self, keys: &[BesideCart]) -> Result<HashMap<BesideCart, Vec<Recommended>>, WireError> {
        let viewer = signed_in(&self.caller).ok();
        let carts: Vec<_> = keys.iter().map(|key| key.0).collect();
        let mut found = HashMap::<_, Vec<_>>::new();
        for (cart, row) in self.app.db.read(move |conn| queries::beside_carts(conn, viewer, &carts)).await? {
            found.entry(BesideCart(cart)).or_default().push(row);
        }
        Ok(found.into_iter().map(|(key, rows)| (key, mixed(rows, |row| row.card.shop_id))).collect())
    }
}
