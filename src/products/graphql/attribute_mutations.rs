//! Making and changing attributes and product types, and what is given for a product.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, OneofObject, SimpleObject};

use super::{Attribute, ProductType};
use crate::{
    kernel::{date::Date, id::Id, money::Decimal},
    platform::{
        caller::StaffPermission,
        gql::{Ask, StaffOnly, WireResult, change, set},
    },
    products::{
        loaders::{AttributeKey, ProductTypeKey},
        model::attributes::{self as model, AttributeBy, AttributeKind, GivenAttribute, ProductTypeBy},
        service::{self, AttributeChange, CreateAttribute, CreateProductType, WantedAttribute},
    },
    user_errors::{UserError, answer},
};

/// What is said of a product by one attribute of its type.
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

/// An attribute that products of a type shall have.
#[derive(InputObject)]
pub struct ProductTypeAttributeInput {
    /// Which attribute.
    attribute_id: Id<model::Attribute>,
    /// Whether a product needs a value for it to become `ACTIVE`.
    #[graphql(default)]
    is_required: bool,
}

impl From<ProductTypeAttributeInput> for WantedAttribute {
    fn from(ProductTypeAttributeInput { attribute_id, is_required }: ProductTypeAttributeInput) -> Self {
        Self { attribute: attribute_id, is_required }
    }
}

/// What a new product type shall be.
#[derive(InputObject)]
pub struct CreateProductTypeInput {
    /// The type's name, 1 to 80 characters.
    name: String,
    /// Its name for programs: lower-case letters, digits and single inner hyphens, at most 80. Made from the name if absent.
    handle: Option<String>,
    /// What can be said of its products, in order; at most 50.
    #[graphql(default)]
    attributes: Vec<ProductTypeAttributeInput>,
    /// 1 to 255 characters that name this very intent, so that a repeat makes no second type. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `createProductType` answers.
#[derive(SimpleObject)]
pub struct CreateProductTypePayload {
    /// The new product type.
    product_type: Option<ProductType>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What changes about a product type. What is absent stays.
#[derive(InputObject)]
pub struct UpdateProductTypeInput {
    /// Which product type.
    product_type_id: Id<model::ProductType>,
    /// The `version` of the type as it was read.
    expected_version: i32,
    /// The type's name, 1 to 80 characters.
    name: MaybeUndefined<String>,
    /// All that can be said of its products, in order; at most 50. What products say by others is kept, and not shown.
    attributes: MaybeUndefined<Vec<ProductTypeAttributeInput>>,
}

/// What `updateProductType` answers.
#[derive(SimpleObject)]
pub struct UpdateProductTypePayload {
    /// The product type as it is now.
    product_type: Option<ProductType>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct AttributesMutation;

#[Object]
impl AttributesMutation {
    /// Makes an attribute, for product types to have. The market's administrators may.
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

    /// Makes a product type, for products to be of. The market's administrators may.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `TOO_MANY`, `INVALID`, `TAKEN`, `NOT_FOUND`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "StaffOnly(StaffPermission::ManageCatalogue)")]
    async fn create_product_type(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the product type shall be.")] input: CreateProductTypeInput,
    ) -> WireResult<CreateProductTypePayload> {
        let CreateProductTypeInput { name, handle, attributes, idempotency_key } = input;
        let create = CreateProductType { name, handle, wanted: attributes.into_iter().map(Into::into).collect() };
        let result = service::create_product_type(ctx.app(), ctx.caller(), idempotency_key.as_deref(), create).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let product_type = match id {
            Some(id) => ctx.loader().load_one(ProductTypeKey(ProductTypeBy::Id(id))).await?,
            None => None,
        };
        Ok(CreateProductTypePayload { product_type: product_type.map(Into::into), user_errors })
    }

    /// Changes a product type. The market's administrators may. Products that lack what is required from now on stay as they
    /// are until their type, their attributes or their status change.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `TOO_MANY`, `INVALID`, `TAKEN`, `NOT_FOUND`, `STALE_VERSION`.
    #[graphql(guard = "StaffOnly(StaffPermission::ManageCatalogue)")]
    async fn update_product_type(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateProductTypeInput,
    ) -> WireResult<UpdateProductTypePayload> {
        let name = set(input.name, "name")?;
        let wanted = set(input.attributes, "attributes")?;
        let wanted = wanted.map(|wanted| wanted.into_iter().map(Into::into).collect());
        let (id, version) = (input.product_type_id, input.expected_version);
        let result = service::update_product_type(ctx.app(), ctx.caller(), id, version, name, wanted).await;
        let (product_type, user_errors) = answer(ctx, result).await?;
        Ok(UpdateProductTypePayload { product_type: product_type.map(Into::into), user_errors })
    }
}
