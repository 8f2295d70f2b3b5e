//! What happens to products, on the wire.

use async_graphql::{ComplexObject, Context, SimpleObject, dataloader::DataLoader};

use super::Product;
use crate::{
    kernel::id::Id,
    platform::{
        events::Cursor,
        gql::{Ask, Reader, WireResult},
    },
    products::{
        loaders::ProductKey,
        model::{self, ProductAspect},
    },
};

/// Something about a product has changed.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ProductChanged {
    /// The event's place in the stream.
    cursor: String,
    /// Which product.
    product_id: Id<model::Product>,
    /// What about it changed.
    aspects: Vec<ProductAspect>,
}

impl ProductChanged {
    /// The event as the loader's caller sees it; none of a product that they do not see, and nobody did before.
    pub async fn load(
        loader: &DataLoader<Reader>,
        cursor: Cursor,
        event: &model::ProductChanged,
    ) -> WireResult<Option<Self>> {
        let product_id = Id::from_uuid(event.product);
        let is_seen = event.is_public || loader.load_one(ProductKey::id(product_id)).await?.is_some();
        let aspects = event.aspects.clone();
        Ok(is_seen.then(|| Self { cursor: cursor.to_string(), product_id, aspects }))
    }
}

#[ComplexObject]
impl ProductChanged {
    /// The product as it is now; null if it is no longer for sale.
    async fn product(&self, ctx: &Context<'_>) -> WireResult<Option<Product>> {
        Ok(ctx.loader().load_one(ProductKey::id(self.product_id)).await?.map(Into::into))
    }
}
