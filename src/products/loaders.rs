//! Products, variants and categories by name, one statement for all that a level of an answer names.

mod attributes;
mod media;
mod prices;
mod ratings;
mod translations;

pub(super) use self::{
    attributes::SaidOf,
    media::{MediaOf, MediaOfVariant},
    prices::{PricesOf, PricesOfVariant},
    translations::{ReadingOf, TranslationsOf},
};
pub use self::{
    attributes::{AttributeKey, AttributesOfKind, ChoicesOf, ProductKindKey},
    prices::TaxClassById,
    ratings::RatingsOfShop,
};

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::{
    model::{Category, CategoryBy, Details, Listed, Product, ProductBy, Variant, With},
    policy,
    queries::{self, Seen, variants},
};
use crate::{
    kernel::id::Id,
    platform::{
        db::Conn,
        gql::{Reader, WireError},
    },
    users::model::signed_in,
};

/// A product, if the caller may see it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProductKey {
    pub by: ProductBy,
    pub with: With,
}

impl ProductKey {
    /// A product's card by its id.
    pub const fn id(id: Id<Product>) -> Self {
        Self { by: ProductBy::Id(id), with: With { details: false, shop: false } }
    }
}

impl Loader<ProductKey> for Reader {
    type Value = Listed;
    type Error = WireError;

    async fn load(&self, keys: &[ProductKey]) -> Result<HashMap<ProductKey, Listed>, WireError> {
        let viewer = signed_in(&self.caller).ok();
        // What one key wants is brought to all: a statement more costs more than a row that is wider.
        let wants = |wanted: fn(With) -> bool| keys.iter().any(|key| wanted(key.with));
        let with = With { details: wants(|with| with.details), shop: wants(|with| with.shop) };
        let names: Vec<_> = keys.iter().map(|key| key.by.clone()).collect();
        let rows = self.app.db.read(move |conn| queries::by_names(conn, viewer, &names, with)).await?;
        let is_visible = |(listed, role): &Seen| policy::may_see(listed.card.status, *role);
        let (mut by_id, mut by_slug) = (HashMap::new(), HashMap::new());
        for (listed, _) in rows.into_iter().filter(is_visible) {
            by_slug.insert(listed.card.slug.clone(), listed.card.id);
            by_id.insert(listed.card.id, listed);
        }
        // What is hidden is looked for as what does not exist, and takes as long.
        let missing = |key: &ProductKey| match &key.by {
            ProductBy::Slug(slug) if !by_slug.contains_key(slug) => Some(slug.clone()),
            _ => None,
        };
        let missing: Vec<String> = keys.iter().filter_map(missing).collect();
        if !missing.is_empty() {
            let former = move |conn: &mut Conn| queries::by_former_names(conn, viewer, &missing, with);
            for (slug, seen) in self.app.db.read(former).await? {
                if is_visible(&seen) {
                    by_slug.insert(slug, seen.0.card.id);
                    by_id.insert(seen.0.card.id, seen.0);
                }
            }
        }
        let found = |key: &ProductKey| match &key.by {
            ProductBy::Id(id) => by_id.get(id).cloned(),
            ProductBy::Slug(slug) => by_id.get(by_slug.get(slug)?).cloned(),
        };
        Ok(keys.iter().filter_map(|key| Some((key.clone(), found(key)?))).collect())
    }
}

/// What lists do not show of a product that the caller was shown in the same request, and may see therefore.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct DetailsOf(pub Id<Product>);

impl Loader<DetailsOf> for Reader {
    type Value = Details;
    type Error = WireError;

    async fn load(&self, keys: &[DetailsOf]) -> Result<HashMap<DetailsOf, Details>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::details_by_ids(conn, &ids)).await?;
        Ok(rows.into_iter().map(|(id, details)| (DetailsOf(id), details)).collect())
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

fn visible(rows: Vec<variants::Seen>) -> impl Iterator<Item = Variant> {
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
        let rows = self.app.db.read(move |conn| queries::categories::by_names(conn, &names)).await?;
        let mut found = HashMap::new();
        for category in rows {
            found.insert(CategoryKey(CategoryBy::Slug(category.slug.clone())), category.clone());
            found.insert(CategoryKey(CategoryBy::Id(category.id)), category);
        }
        Ok(found)
    }
}

/// What is right below a category, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChildrenOf(pub Id<Category>);

impl Loader<ChildrenOf> for Reader {
    type Value = Vec<Category>;
    type Error = WireError;

    async fn load(&self, keys: &[ChildrenOf]) -> Result<HashMap<ChildrenOf, Vec<Category>>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::categories::children(conn, &ids)).await?;
        let mut found = HashMap::<_, Vec<_>>::new();
        for category in rows {
            if let Some(parent) = category.parent_id {
                found.entry(ChildrenOf(parent)).or_default().push(category);
            }
        }
        Ok(found)
    }
}

/// What is above a category, from the top down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AncestorsOf(pub Id<Category>);

impl Loader<AncestorsOf> for Reader {
    type Value = Vec<Category>;
    type Error = WireError;

    async fn load(&self, keys: &[AncestorsOf]) -> Result<HashMap<AncestorsOf, Vec<Category>>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::categories::ancestors(conn, &ids)).await?;
        let mut found = HashMap::<_, Vec<_>>::new();
        for (origin, category) in rows {
            found.entry(AncestorsOf(origin)).or_default().push(category);
        }
        Ok(found)
    }
}
