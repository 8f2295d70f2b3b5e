//! Attributes, product types and what is said of products.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use crate::{
    kernel::id::Id,
    platform::gql::{Reader, WireError},
    products::{
        model::{
            Product,
            attributes::{Attribute, AttributeBy, Choice, ProductType, ProductTypeBy, Said, TypeAttribute},
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

/// A product type. Product types are public.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProductTypeKey(pub ProductTypeBy);

impl Loader<ProductTypeKey> for Reader {
    type Value = ProductType;
    type Error = WireError;

    async fn load(&self, keys: &[ProductTypeKey]) -> Result<HashMap<ProductTypeKey, ProductType>, WireError> {
        let names: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
        let rows = self.app.db.read(move |conn| attributes::types_by_names(conn, &names)).await?;
        let mut found = HashMap::new();
        for product_type in rows {
            found.insert(ProductTypeKey(ProductTypeBy::Handle(product_type.handle.clone())), product_type.clone());
            found.insert(ProductTypeKey(ProductTypeBy::Id(product_type.id)), product_type);
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

/// The attributes of a product type in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AttributesOfType(pub Id<ProductType>);

impl Loader<AttributesOfType> for Reader {
    type Value = Vec<TypeAttribute>;
    type Error = WireError;

    async fn load(
        &self,
        keys: &[AttributesOfType],
    ) -> Result<HashMap<AttributesOfType, Vec<TypeAttribute>>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| attributes::of_types(conn, &ids)).await?;
        let mut found = HashMap::<_, Vec<_>>::new();
        for (id, attribute) in rows {
            found.entry(AttributesOfType(id)).or_default().push(attribute);
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
