//! The images of products and variants.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use crate::{
    kernel::id::Id,
    platform::gql::{Reader, WireError},
    products::{
        model::{Product, Shown, Variant},
        queries::media,
    },
};

/// The images of a product that the caller was shown in the same request, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MediaOf(pub Id<Product>);

impl Loader<MediaOf> for Reader {
    type Value = Vec<Shown>;
    type Error = WireError;

    async fn load(&self, keys: &[MediaOf]) -> Result<HashMap<MediaOf, Vec<Shown>>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| media::of_products(conn, &ids)).await?;
        let mut found = HashMap::<_, Vec<_>>::new();
        for (id, shown) in rows {
            found.entry(MediaOf(id)).or_default().push(shown);
        }
        Ok(found)
    }
}

/// The image of a variant that the caller was shown in the same request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MediaOfVariant(pub Id<Variant>);

impl Loader<MediaOfVariant> for Reader {
    type Value = Shown;
    type Error = WireError;

    async fn load(&self, keys: &[MediaOfVariant]) -> Result<HashMap<MediaOfVariant, Shown>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| media::of_variants(conn, &ids)).await?;
        Ok(rows.into_iter().map(|(id, shown)| (MediaOfVariant(id), shown)).collect())
    }
}
