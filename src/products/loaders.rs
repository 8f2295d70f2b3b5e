//! Products, variants and categories by name, one statement for all that a level of an answer names.

use std::collections::{HashMap, HashSet};

use async_graphql::dataloader::Loader;

use super::{
    model::{Category, CategoryBy, Listed, Product, ProductBy, Variant, With},
    policy,
    queries::{self, variants::Seen},
};
use crate::{
    kernel::id::Id,
    platform::gql::{Reader, WireError},
    users::model::signed_in,
};

/// A product, if the caller may see it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProductKey {
    pub by: ProductBy,
    pub with: With,
}

impl ProductKey {
    /// A product by id, alone.
    pub const fn id(id: Id<Product>) -> Self {
        Self { by: ProductBy::Id(id), with: With::Nothing }
    }
}

impl Loader<ProductKey> for Reader {
    type Value = Listed;
    type Error = WireError;

    async fn load(&self, keys: &[ProductKey]) -> Result<HashMap<ProductKey, Listed>, WireError> {
        let viewer = signed_in(&self.caller).ok();
        // One key that wants the shop brings it to all: a statement more costs more than a row that is wider.
        let with = keys.iter().map(|key| key.with).find(|&with| with == With::Shop).unwrap_or(With::Nothing);
        let names: Vec<_> = keys.iter().map(|key| key.by.clone()).collect();
        let rows = self.app.db.read(move |conn| queries::by_names(conn, viewer, &names, with)).await?;
        let visible = rows.into_iter().filter(|(listed, role)| policy::may_see(listed.product.status, *role));
        let wanted: HashSet<&ProductKey> = keys.iter().collect();
        let mut found = HashMap::new();
        for (listed, _) in visible {
            for by in [ProductBy::Id(listed.product.id), ProductBy::Slug(listed.product.slug.clone())] {
                for with in [With::Nothing, With::Shop] {
                    let key = ProductKey { by: by.clone(), with };
                    if wanted.contains(&key) {
                        found.insert(key, listed.clone());
                    }
                }
            }
        }
        Ok(found)
    }
}

/// A variant, if the caller may see its product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct VariantById(pub Id<Variant>);

impl Loader<VariantById> for Reader {
    type Value = Variant;
    type Error = WireError;

    async fn load(&self, keys: &[VariantById]) -> Result<HashMap<VariantById, Variant>, WireError> {
        let viewer = signed_in(&self.caller).ok();
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::variants::by_ids(conn, viewer, &ids)).await?;
        Ok(visible(rows).map(|variant| (VariantById(variant.id), variant)).collect())
    }
}

/// The variants of a product in its order, if the caller may see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct VariantsByProduct(pub Id<Product>);

impl Loader<VariantsByProduct> for Reader {
    type Value = Vec<Variant>;
    type Error = WireError;

    async fn load(&self, keys: &[VariantsByProduct]) -> Result<HashMap<VariantsByProduct, Vec<Variant>>, WireError> {
        let viewer = signed_in(&self.caller).ok();
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::variants::by_products(conn, viewer, &ids)).await?;
        let mut by_product = HashMap::<_, Vec<_>>::new();
        for variant in visible(rows) {
            by_product.entry(VariantsByProduct(variant.product_id)).or_default().push(variant);
        }
        Ok(by_product)
    }
}

fn visible(rows: Vec<Seen>) -> impl Iterator<Item = Variant> {
    rows.into_iter().filter(|(_, status, role)| policy::may_see(*status, *role)).map(|(variant, ..)| variant)
}

/// A category. Categories are public.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CategoryKey(pub CategoryBy);

impl Loader<CategoryKey> for Reader {
    type Value = Category;
    type Error = WireError;

    async fn load(&self, keys: &[CategoryKey]) -> Result<HashMap<CategoryKey, Category>, WireError> {
        let names: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
        let rows = self.app.db.read(move |conn| queries::categories_by_names(conn, &names)).await?;
        let mut found = HashMap::new();
        for category in rows {
            found.insert(CategoryKey(CategoryBy::Slug(category.slug.clone())), category.clone());
            found.insert(CategoryKey(CategoryBy::Id(category.id)), category);
        }
        Ok(found)
    }
}
