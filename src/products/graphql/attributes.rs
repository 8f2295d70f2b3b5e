//! Attributes and product types on the wire, and what is said of products.

use async_graphql::{ComplexObject, Context, Object, OneofObject, SimpleObject, Union};

use crate::{
    kernel::{date::Date, id::Id, money::Decimal, page::PageArgs},
    platform::gql::{Ask, List, Listing, Total, WireResult, list_size},
    products::{
        loaders::{AttributeKey, AttributesOfType, ChoicesOf, ProductTypeKey},
        model::attributes::{self as model, AttributeBy, AttributeKind, ProductTypeBy, Said},
        service,
    },
};

/// What can be said of products in a form that can be compared, such as their material.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Attribute {
    /// Begins with `attribute_`.
    pub id: Id<model::Attribute>,
    /// The attribute's name for programs: lower-case letters, digits and hyphens, at most 80. No two attributes have the same.
    pub handle: String,
    /// The attribute's name, 1 to 80 characters.
    pub name: String,
    /// What its values are.
    pub kind: AttributeKind,
    /// What its numbers are in, such as `cm`, up to 20 characters; null if they are plain, and if it has none.
    pub unit: Option<String>,
    /// Whether products can be filtered by it.
    pub is_filterable: bool,
    /// Rises with every change of the attribute; goes into `updateAttribute` as `expectedVersion`.
    pub version: i32,
}

#[ComplexObject]
impl Attribute {
    /// What it can be, in order, at most 200; empty unless it is of the kind `CHOICE`.
    #[graphql(directive = list_size::apply(20))]
    async fn choices(&self, ctx: &Context<'_>) -> WireResult<Vec<AttributeChoice>> {
        if self.kind != AttributeKind::Choice {
            return Ok(Vec::new());
        }
        let choices = ctx.loader().load_one(ChoicesOf(self.id)).await?;
        Ok(choices.unwrap_or_default().into_iter().map(Into::into).collect())
    }
}

impl From<model::Attribute> for Attribute {
    fn from(row: model::Attribute) -> Self {
        let model::Attribute { id, handle, name, kind, unit, is_filterable, version } = row;
        Self { id, handle, name, kind, unit, is_filterable, version }
    }
}

/// One of the things that an attribute can be, such as linen.
#[derive(Debug, Clone, SimpleObject)]
pub struct AttributeChoice {
    /// Begins with `choice_`.
    pub id: Id<model::Choice>,
    /// What it is called, 1 to 80 characters; no two choices of an attribute have the same name.
    pub name: String,
}

impl From<model::Choice> for AttributeChoice {
    fn from(model::Choice { id, name, .. }: model::Choice) -> Self {
        Self { id, name }
    }
}

/// What products are, as far as that says which attributes they have.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct ProductType {
    /// Begins with `producttype_`.
    pub id: Id<model::ProductType>,
    /// The type's name for programs: lower-case letters, digits and hyphens, at most 80. No two types have the same.
    pub handle: String,
    /// The type's name, 1 to 80 characters.
    pub name: String,
    /// Rises with every change of the type; goes into `updateProductType` as `expectedVersion`.
    pub version: i32,
}

#[ComplexObject]
impl ProductType {
    /// What can be said of its products, in order; at most 50.
    async fn attributes(&self, ctx: &Context<'_>) -> WireResult<Vec<ProductTypeAttribute>> {
        let attributes = ctx.loader().load_one(AttributesOfType(self.id)).await?;
        Ok(attributes.unwrap_or_default().into_iter().map(Into::into).collect())
    }
}

impl From<model::ProductType> for ProductType {
    fn from(model::ProductType { id, handle, name, version }: model::ProductType) -> Self {
        Self { id, handle, name, version }
    }
}

/// An attribute as a product type has it.
#[derive(Debug, Clone, SimpleObject)]
pub struct ProductTypeAttribute {
    /// The attribute.
    pub attribute: Attribute,
    /// Whether a product of the type needs a value for it to become `ACTIVE`.
    pub is_required: bool,
}

impl From<model::TypeAttribute> for ProductTypeAttribute {
    fn from(model::TypeAttribute { attribute, is_required }: model::TypeAttribute) -> Self {
        Self { attribute: attribute.into(), is_required }
    }
}

/// What is said of a product by one attribute.
#[derive(Debug, Clone, SimpleObject)]
pub struct ProductAttribute {
    /// What it is about.
    pub attribute: Attribute,
    /// What is said.
    pub value: AttributeValue,
}

/// What is said by an attribute; which one of these goes by its kind. New ones may appear at any time: keep a default branch.
#[derive(Debug, Clone, Union)]
pub enum AttributeValue {
    Text(TextAttributeValue),
    Number(NumberAttributeValue),
    Choice(AttributeChoice),
    Boolean(BooleanAttributeValue),
    Date(DateAttributeValue),
}

/// A text that is said of a product.
#[derive(Debug, Clone, SimpleObject)]
pub struct TextAttributeValue {
    /// One line, 1 to 500 characters.
    pub text: String,
}

/// A number that is said of a product.
#[derive(Debug, Clone, SimpleObject)]
pub struct NumberAttributeValue {
    /// At most 6 decimals, in the attribute's `unit`.
    pub number: Decimal,
}

/// A yes or no that is said of a product.
#[derive(Debug, Clone, SimpleObject)]
pub struct BooleanAttributeValue {
    /// Whether it is so.
    pub is_true: bool,
}

/// A day that is said of a product.
#[derive(Debug, Clone, SimpleObject)]
pub struct DateAttributeValue {
    /// The day.
    pub date: Date,
}

impl ProductAttribute {
    /// None if a choice is gone, which its foreign key forbids.
    pub(super) fn of(Said { attribute, value, choice }: Said) -> Option<Self> {
        let value = match value {
            model::AttributeValue::Text(text) => AttributeValue::Text(TextAttributeValue { text }),
            model::AttributeValue::Number(number) => AttributeValue::Number(NumberAttributeValue { number }),
            model::AttributeValue::Choice(_) => AttributeValue::Choice(choice?.into()),
            model::AttributeValue::Boolean(is_true) => AttributeValue::Boolean(BooleanAttributeValue { is_true }),
            model::AttributeValue::Date(date) => AttributeValue::Date(DateAttributeValue { date }),
        };
        Some(Self { attribute: attribute.into(), value })
    }
}

/// Which attribute: exactly one of the fields.
#[derive(OneofObject)]
pub enum AttributeByInput {
    /// By id.
    Id(Id<model::Attribute>),
    /// By its name for programs.
    Handle(String),
}

/// Which product type: exactly one of the fields.
#[derive(OneofObject)]
pub enum ProductTypeByInput {
    /// By id.
    Id(Id<model::ProductType>),
    /// By its name for programs.
    Handle(String),
}

#[derive(Default)]
pub struct AttributesQuery;

#[Object]
impl AttributesQuery {
    /// An attribute; null if there is none.
    async fn attribute(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: AttributeByInput,
    ) -> WireResult<Option<Attribute>> {
        let by = match by {
            AttributeByInput::Id(id) => AttributeBy::Id(id),
            AttributeByInput::Handle(handle) => AttributeBy::Handle(handle),
        };
        Ok(ctx.loader().load_one(AttributeKey(by)).await?.map(Into::into))
    }

    /// All attributes by name.
    async fn attributes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<List<Attribute>> {
        let listing = Listing::new("attributes", &PageArgs { first, after, last, before })?;
        let app = ctx.app().clone();
        let rows = service::attributes(&app, listing.page.clone()).await?;
        let total = Total::new(move || {
            let app = app.clone();
            async move { service::count_attributes(&app).await }
        });
        Ok(listing.connection(rows, |row| (row.name.clone(), row.id), Attribute::from, total))
    }

    /// A product type; null if there is none.
    async fn product_type(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: ProductTypeByInput,
    ) -> WireResult<Option<ProductType>> {
        let by = match by {
            ProductTypeByInput::Id(id) => ProductTypeBy::Id(id),
            ProductTypeByInput::Handle(handle) => ProductTypeBy::Handle(handle),
        };
        Ok(ctx.loader().load_one(ProductTypeKey(by)).await?.map(Into::into))
    }

    /// All product types by name.
    async fn product_types(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<List<ProductType>> {
        let listing = Listing::new("productTypes", &PageArgs { first, after, last, before })?;
        let app = ctx.app().clone();
        let rows = service::product_types(&app, listing.page.clone()).await?;
        let total = Total::new(move || {
            let app = app.clone();
            async move { service::count_product_types(&app).await }
        });
        Ok(listing.connection(rows, |row| (row.name.clone(), row.id), ProductType::from, total))
    }
}
