//! Attributes, product kinds and what is said of products.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use crate::{
    kernel::id::Id,
    platform::gql::{Reader, WireError},
    products::{
        model::{
            Product,
            attributes::{Attribute, AttributeBy, Choice, KindAttribute, ProductKind, ProductKindBy, Said},
        },
        queries::attributes,
    },
};

/// An attribute. Attributes are public.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AttributeKey(pub AttributeBy);

impl Loader<AttributeKey> for Reader {
    type Value = Attribute;
    type Error = WireError;

    async fn load(&self, keys: &[AttributeKey]) -> Result<HashMap<AttributeKey, Attribute>, WireError> {
        let names: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
        let rows = self.app.db.read(move |conn| attributes::by_names(conn, &names)).await?;
        let mut found = HashMap::new();
        for attribute in rows {
            found.insert(AttributeKey(AttributeBy::Handle(attribute.handle.clone())), attribute.clone());
            found.insert(AttributeKey(AttributeBy::Id(attribute.id)), attribute);
        }
        Ok(found)
    }
}

/// A product kind. Product kinds are public.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProductKindKey(pub ProductKindBy);

impl Loader<ProductKindKey> for Reader {
    type Value = ProductKind;
    type Error = WireError;

    async fn load(&self, keys: &[ProductKindKey]) -> Result<HashMap<ProductKindKey, ProductKind>, WireError> {
        let names: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
        let rows = self.app.db.read(move |conn| attributes::kinds_by_names(conn, &names)).await?;
        let mut found = HashMap::new();
        for product_kind in rows {
            found.insert(ProductKindKey(ProductKindBy::Handle(product_kind.handle.clone())), product_kind.clone());
            found.insert(ProductKindKey(ProductKindBy::Id(product_kind.id)), product_kind);
        }
        Ok(found)
    }
}

/// The choices of an attribute in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChoicesOf(pub Id<Attribute>);

impl Loader<ChoicesOf> for Reader {
    type Value = Vec<Choice>;
    type Error = WireError;

    async fn load(&self, keys: &[ChoicesOf]) -> Result<HashMap<ChoicesOf, Vec<Choice>>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| attributes::choices(conn, &ids)).await?;
        let mut found = HashMap::<_, Vec<_>>::new();
        for choice in rows {
            found.entry(ChoicesOf(choice.attribute_id)).or_default().push(choice);
        }
        Ok(found)
    }
}

/// The attributes of a product kind in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AttributesOfKind(pub Id<ProductKind>);

impl Loader<AttributesOfKind> for Reader {
    type Value = Vec<KindAttribute>;
    type Error = WireError;

    async fn load(
        &self,
        keys: &[AttributesOfKind],
    ) -> Result<HashMap<AttributesOfKind, Vec<KindAttribute>>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| attributes::of_kinds(conn, &ids)).await?;
        let mut found = HashMap::<_, Vec<_>>::new();
        for (id, attribute) in rows {
            found.entry(AttributesOfKind(id)).or_default().push(attribute);
        }
        Ok(found)
    }
}

/// What is said of a product that the caller was shown in the same request, and may see therefore.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SaidOf(pub Id<Product>);

impl Loader<SaidOf> for Reader {
    type Value = Vec<Said>;
    type Error = WireError;

    async fn load(&self, keys: &[SaidOf]) -> Result<HashMap<SaidOf, Vec<Said>>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| attributes::said(conn, &ids)).await?;
        let mut found = HashMap::<_, Vec<_>>::new();
        for (id, said) in rows {
            found.entry(SaidOf(id)).or_default().push(said);
        }
        Ok(found)
    }
}
