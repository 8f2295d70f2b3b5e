//! Making and changing attributes and product kinds, and what is given for a product.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, OneofObject, SimpleObject};

use super::{Attribute, ProductKind};
use crate::{
    kernel::{date::Date, id::Id, money::Decimal},
    platform::{
        caller::StaffPermission,
        gql::{Ask, StaffOnly, WireResult, change, set},
    },
    products::{
        loaders::{AttributeKey, ProductKindKey},
        model::attributes::{self as model, AttributeBy, AttributeKind, GivenAttribute, ProductKindBy},
        service::{self, AttributeChange, CreateAttribute, CreateProductKind, WantedAttribute},
    },
    user_errors::{UserError, answer},
};

/// What is said of a product by one attribute of its kind.
#[derive(InputObject)]
pub struct ProductAttributeInput {
    /// Which attribute.
    attribute_id: Id<model::Attribute>,
    /// What is said.
    value: AttributeValueInput,
}

impl From<ProductAttributeInput> for GivenAttribute {
    fn from(ProductAttributeInput { attribute_id, value }: ProductAttributeInput) -> Self {
        Self { attribute: attribute_id, value: value.into() }
    }
}

/// What is said by an attribute: exactly one of the fields, by its kind.
#[derive(OneofObject)]
pub enum AttributeValueInput {
    /// One line, 1 to 500 characters.
    Text(String),
    /// A number with at most 6 decimals, smaller than a million millions.
    Number(Decimal),
    /// One of the attribute's choices.
    ChoiceId(Id<model::Choice>),
    /// Whether it is so.
    IsTrue(bool),
    /// A day.
    Date(Date),
}

impl From<AttributeValueInput> for model::AttributeValue {
    fn from(input: AttributeValueInput) -> Self {
        match input {
            AttributeValueInput::Text(text) => Self::Text(text),
            AttributeValueInput::Number(number) => Self::Number(number),
            AttributeValueInput::ChoiceId(choice) => Self::Choice(choice),
            AttributeValueInput::IsTrue(is_true) => Self::Boolean(is_true),
            AttributeValueInput::Date(date) => Self::Date(date),
        }
    }
}

/// What a new attribute shall be.
#[derive(InputObject)]
pub struct CreateAttributeInput {
    /// The attribute's name, 1 to 80 characters.
    name: String,
    /// Its name for programs: lower-case letters, digits and single inner hyphens, at most 80. Made from the name if absent.
    handle: Option<String>,
    /// What its values are. It never changes.
    kind: AttributeKind,
    /// What its numbers are in, 1 to 20 characters; only for the kind `NUMBER`.
    unit: Option<String>,
    /// Whether products can be filtered by it; not for the kind `TEXT`.
    #[graphql(default)]
    is_filterable: bool,
    /// What it can be, in order: for the kind `CHOICE`, 1 to 200 names of 1 to 80 characters.
    #[graphql(default)]
    choices: Vec<String>,
    /// 1 to 255 characters that name this very intent, so that a repeat makes no second attribute. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `createAttribute` answers.
#[derive(SimpleObject)]
pub struct CreateAttributePayload {
    /// The new attribute.
    attribute: Option<Attribute>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// A choice as it shall be.
#[derive(InputObject)]
pub struct AttributeChoiceInput {
    /// Which of the attribute's choices it is; a new one if absent.
    choice_id: Option<Id<model::Choice>>,
    /// What it is called, 1 to 80 characters.
    name: String,
}

/// What changes about an attribute. What is absent stays.
#[derive(InputObject)]
pub struct UpdateAttributeInput {
    /// Which attribute.
    attribute_id: Id<model::Attribute>,
    /// The `version` of the attribute as it was read.
    expected_version: i32,
    /// The attribute's name, 1 to 80 characters.
    name: MaybeUndefined<String>,
    /// What its numbers are in, 1 to 20 characters. Null clears it.
    unit: MaybeUndefined<String>,
    /// Whether products can be filtered by it.
    is_filterable: MaybeUndefined<bool>,
    /// All its choices in their order, 1 to 200. One that is not among them goes, unless products have it.
    choices: MaybeUndefined<Vec<AttributeChoiceInput>>,
}

/// What `updateAttribute` answers.
#[derive(SimpleObject)]
pub struct UpdateAttributePayload {
    /// The attribute as it is now.
    attribute: Option<Attribute>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// An attribute that products of a kind shall have.
#[derive(InputObject)]
pub struct ProductKindAttributeInput {
    /// Which attribute.
    attribute_id: Id<model::Attribute>,
    /// Whether a product needs a value for it to become `ACTIVE`.
    #[graphql(default)]
    is_required: bool,
}

impl From<ProductKindAttributeInput> for WantedAttribute {
    fn from(ProductKindAttributeInput { attribute_id, is_required }: ProductKindAttributeInput) -> Self {
        Self { attribute: attribute_id, is_required }
    }
}

/// What a new product kind shall be.
#[derive(InputObject)]
pub struct CreateProductKindInput {
    /// The kind's name, 1 to 80 characters.
    name: String,
    /// Its name for programs: lower-case letters, digits and single inner hyphens, at most 80. Made from the name if absent.
    handle: Option<String>,
    /// What can be said of its products, in order; at most 50.
    #[graphql(default)]
    attributes: Vec<ProductKindAttributeInput>,
    /// 1 to 255 characters that name this very intent, so that a repeat makes no second kind. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `createProductKind` answers.
#[derive(SimpleObject)]
pub struct CreateProductKindPayload {
    /// The new product kind.
    product_kind: Option<ProductKind>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What changes about a product kind. What is absent stays.
#[derive(InputObject)]
pub struct UpdateProductKindInput {
    /// Which product kind.
    product_kind_id: Id<model::ProductKind>,
    /// The `version` of the kind as it was read.
    expected_version: i32,
    /// The kind's name, 1 to 80 characters.
    name: MaybeUndefined<String>,
    /// All that can be said of its products, in order; at most 50. What products say by others is kept, and not shown.
    attributes: MaybeUndefined<Vec<ProductKindAttributeInput>>,
}

/// What `updateProductKind` answers.
#[derive(SimpleObject)]
pub struct UpdateProductKindPayload {
    /// The product kind as it is now.
    product_kind: Option<ProductKind>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct AttributesMutation;

#[Object]
impl AttributesMutation {
    /// Makes an attribute, for product kinds to have. The market's administrators may.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `TOO_MANY`, `INVALID`, `TAKEN`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "StaffOnly(StaffPermission::ManageCatalogue)")]
    async fn create_attribute(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the attribute shall be.")] input: CreateAttributeInput,
    ) -> WireResult<CreateAttributePayload> {
        let CreateAttributeInput { name, handle, kind, unit, is_filterable, choices, idempotency_key } = input;
        let create = CreateAttribute { name, handle, kind, unit, is_filterable, choices };
        let result = service::create_attribute(ctx.app(), ctx.caller(), idempotency_key.as_deref(), create).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let attribute = match id {
            Some(id) => ctx.loader().load_one(AttributeKey(AttributeBy::Id(id))).await?,
            None => None,
        };
        Ok(CreateAttributePayload { attribute: attribute.map(Into::into), user_errors })
    }

    /// Changes an attribute. The market's administrators may. Search finds products by what it is called now a little later.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `TOO_MANY`, `INVALID`, `TAKEN`, `IN_USE`, `NOT_FOUND`, `STALE_VERSION`.
    #[graphql(guard = "StaffOnly(StaffPermission::ManageCatalogue)")]
    async fn update_attribute(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateAttributeInput,
    ) -> WireResult<UpdateAttributePayload> {
        let choice = |AttributeChoiceInput { choice_id, name }| (choice_id, name);
        let change = AttributeChange {
            name: set(input.name, "name")?,
            unit: change(input.unit),
            is_filterable: set(input.is_filterable, "isFilterable")?,
            choices: set(input.choices, "choices")?.map(|choices| choices.into_iter().map(choice).collect()),
        };
        let (id, version) = (input.attribute_id, input.expected_version);
        let result = service::update_attribute(ctx.app(), ctx.caller(), id, version, change).await;
        let (attribute, user_errors) = answer(ctx, result).await?;
        Ok(UpdateAttributePayload { attribute: attribute.map(Into::into), user_errors })
    }

    /// Makes a product kind, for products to be of. The market's administrators may.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `TOO_MANY`, `INVALID`, `TAKEN`, `NOT_FOUND`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "StaffOnly(StaffPermission::ManageCatalogue)")]
    async fn create_product_kind(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the product kind shall be.")] input: CreateProductKindInput,
    ) -> WireResult<CreateProductKindPayload> {
        let CreateProductKindInput { name, handle, attributes, idempotency_key } = input;
        let create = CreateProductKind { name, handle, wanted: attributes.into_iter().map(Into::into).collect() };
        let result = service::create_product_kind(ctx.app(), ctx.caller(), idempotency_key.as_deref(), create).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let product_kind = match id {
            Some(id) => ctx.loader().load_one(ProductKindKey(ProductKindBy::Id(id))).await?,
            None => None,
        };
        Ok(CreateProductKindPayload { product_kind: product_kind.map(Into::into), user_errors })
    }

    /// Changes a product kind. The market's administrators may. Products that lack what is required from now on stay as they
    /// are until their kind, their attributes or their status change.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `TOO_MANY`, `INVALID`, `TAKEN`, `NOT_FOUND`, `STALE_VERSION`.
    #[graphql(guard = "StaffOnly(StaffPermission::ManageCatalogue)")]
    async fn update_product_kind(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateProductKindInput,
    ) -> WireResult<UpdateProductKindPayload> {
        let name = set(input.name, "name")?;
        let wanted = set(input.attributes, "attributes")?;
        let wanted = wanted.map(|wanted| wanted.into_iter().map(Into::into).collect());
        let (id, version) = (input.product_kind_id, input.expected_version);
        let result = service::update_product_kind(ctx.app(), ctx.caller(), id, version, name, wanted).await;
        let (product_kind, user_errors) = answer(ctx, result).await?;
        Ok(UpdateProductKindPayload { product_kind: product_kind.map(Into::into), user_errors })
    }
}
