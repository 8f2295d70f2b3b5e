//! Attributes and product kinds on the wire, and what is said of products.

use async_graphql::{ComplexObject, Context, Object, OneofObject, SimpleObject, Union};

use super::{AttributeTranslation, LocalizedName, translations};
use crate::{
    kernel::{date::Date, id::Id, money::Decimal, page::PageArgs, place::Locale},
    platform::gql::{Ask, List, Listing, Total, WireResult, list_size},
    products::{
        loaders::{AttributeKey, AttributesOfKind, ChoicesOf, ProductKindKey},
        model::attributes::{self as model, AttributeBy, AttributeKind, ProductKindBy, Said},
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

    /// What it is called by readers of a language: the original if nobody has translated it; `de` serves `de-AT`.
    async fn localized(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one; that of the request if absent.")] locale: Option<Locale>,
    ) -> WireResult<LocalizedName> {
        translations::name_of_attribute(ctx, self, locale).await
    }

    /// What it and its choices are called in other languages than the catalogue's own, by `locale`; at most 50.
    #[graphql(directive = list_size::apply(5))]
    async fn translations(&self, ctx: &Context<'_>) -> WireResult<Vec<AttributeTranslation>> {
        translations::of_attribute(ctx, self.id).await
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
#[graphql(complex)]
pub struct AttributeChoice {
    /// Begins with `choice_`.
    pub id: Id<model::Choice>,
    /// What it is called, 1 to 80 characters; no two choices of an attribute have the same name.
    pub name: String,
}

#[ComplexObject]
impl AttributeChoice {
    /// What it is called by readers of a language: the original if nobody has translated it; `de` serves `de-AT`.
    async fn localized(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one; that of the request if absent.")] locale: Option<Locale>,
    ) -> WireResult<LocalizedName> {
        translations::name_of_choice(ctx, self, locale).await
    }
}

impl From<model::Choice> for AttributeChoice {
    fn from(model::Choice { id, name, .. }: model::Choice) -> Self {
        Self { id, name }
    }
}

/// What products are, as far as that says which attributes they have.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct ProductKind {
    /// Begins with `productkind_`.
    pub id: Id<model::ProductKind>,
    /// The kind's name for programs: lower-case letters, digits and hyphens, at most 80. No two kinds have the same.
    pub handle: String,
    /// The kind's name, 1 to 80 characters.
    pub name: String,
    /// Rises with every change of the kind; goes into `updateProductKind` as `expectedVersion`.
    pub version: i32,
}

#[ComplexObject]
impl ProductKind {
    /// What can be said of its products, in order; at most 50.
    async fn attributes(&self, ctx: &Context<'_>) -> WireResult<Vec<ProductKindAttribute>> {
        let attributes = ctx.loader().load_one(AttributesOfKind(self.id)).await?;
        Ok(attributes.unwrap_or_default().into_iter().map(Into::into).collect())
    }
}

impl From<model::ProductKind> for ProductKind {
    fn from(model::ProductKind { id, handle, name, version }: model::ProductKind) -> Self {
        Self { id, handle, name, version }
    }
}

/// An attribute as a product kind has it.
#[derive(Debug, Clone, SimpleObject)]
pub struct ProductKindAttribute {
    /// The attribute.
    pub attribute: Attribute,
    /// Whether a product of the kind needs a value for it to become `ACTIVE`.
    pub is_required: bool,
}

impl From<model::KindAttribute> for ProductKindAttribute {
    fn from(model::KindAttribute { attribute, is_required }: model::KindAttribute) -> Self {
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

/// Which product kind: exactly one of the fields.
#[derive(OneofObject)]
pub enum ProductKindByInput {
    /// By id.
    Id(Id<model::ProductKind>),
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

    /// A product kind; null if there is none.
    async fn product_kind(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: ProductKindByInput,
    ) -> WireResult<Option<ProductKind>> {
        let by = match by {
            ProductKindByInput::Id(id) => ProductKindBy::Id(id),
            ProductKindByInput::Handle(handle) => ProductKindBy::Handle(handle),
        };
        Ok(ctx.loader().load_one(ProductKindKey(by)).await?.map(Into::into))
    }

    /// All product kinds by name.
    async fn product_kinds(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<List<ProductKind>> {
        let listing = Listing::new("productKinds", &PageArgs { first, after, last, before })?;
        let app = ctx.app().clone();
        let rows = service::product_kinds(&app, listing.page.clone()).await?;
        let total = Total::new(move || {
            let app = app.clone();
            async move { service::count_product_kinds(&app).await }
        });
        Ok(listing.connection(rows, |row| (row.name.clone(), row.id), ProductKind::from, total))
    }
}
