//! What products and variants cost, and how they are taxed.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use crate::{
    kernel::id::Id,
    platform::gql::{Reader, WireError},
    products::{
        model::{
            Product, Variant,
            prices::{ProductPrice, VariantPrice},
            taxes::TaxClass,
        },
        queries,
    },
};

/// What a product that the caller was shown in the same request costs, in each currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PricesOf(pub Id<Product>);

impl Loader<PricesOf> for Reader {
    type Value = Vec<ProductPrice>;
    type Error = WireError;

    async fn load(&self, keys: &[PricesOf]) -> Result<HashMap<PricesOf, Vec<ProductPrice>>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::prices::of_products(conn, &ids)).await?;
        let mut found = HashMap::<_, Vec<_>>::new();
        for price in rows {
            found.entry(PricesOf(price.product_id)).or_default().push(price);
        }
        Ok(found)
    }
}

/// What a variant that the caller was shown in the same request costs, as it was written down, by currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PricesOfVariant(pub Id<Variant>);

impl Loader<PricesOfVariant> for Reader {
    type Value = Vec<VariantPrice>;
    type Error = WireError;

    async fn load(&self, keys: &[PricesOfVariant]) -> Result<HashMap<PricesOfVariant, Vec<VariantPrice>>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::prices::of_variants(conn, &ids)).await?;
        let mut found = HashMap::<_, Vec<_>>::new();
        for price in rows {
            found.entry(PricesOfVariant(price.variant_id)).or_default().push(price);
        }
        Ok(found)
    }
}

/// A tax class. They are public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TaxClassById(pub Id<TaxClass>);

impl Loader<TaxClassById> for Reader {
    type Value = TaxClass;
    type Error = WireError;

    async fn load(&self, keys: &[TaxClassById]) -> Result<HashMap<TaxClassById, TaxClass>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::taxes::by_ids(conn, &ids)).await?;
        Ok(rows.into_iter().map(|row| (TaxClassById(row.id), row)).collect())
    }
}
