//! Saying in other languages what the catalogue says.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::{Attribute, Category, Product};
use crate::{
    kernel::{id::Id, place::Locale},
    platform::{
        caller::StaffPermission,
        gql::{Ask, SignedInOnly, StaffOnly, WireResult, cost},
    },
    products::{
        model::{
            self,
            translations::{TranslatedOption, TranslatedValue},
        },
        service::{self, AttributeWords, CategoryWords, ProductWords},
    },
    user_errors::{UserError, answer},
};

/// What a value of an option shall be called in another language.
#[derive(InputObject)]
pub struct OptionValueTranslationInput {
    /// What variants of the product call it.
    value: String,
    /// What it is called, 1 to 60 characters.
    translated_value: String,
}

/// What an option of a product shall be called in another language.
#[derive(InputObject)]
pub struct ProductOptionTranslationInput {
    /// What the product calls it.
    name: String,
    /// What it is called, 1 to 60 characters; as before translation if absent.
    translated_name: Option<String>,
    /// What its values are called; those that are left out are called as before translation.
    #[graphql(default)]
    values: Vec<OptionValueTranslationInput>,
}

impl From<ProductOptionTranslationInput> for TranslatedOption {
    fn from(input: ProductOptionTranslationInput) -> Self {
        let ProductOptionTranslationInput { name, translated_name, values } = input;
        let value = |input| {
            let OptionValueTranslationInput { value, translated_value } = input;
            TranslatedValue { value, translated_value }
        };
        let values = values.into_iter().map(value).collect();
        Self { name, translated_name: translated_name.unwrap_or_default(), values }
    }
}

/// What a product shall say in another language.
#[derive(InputObject)]
pub struct SetProductTranslationInput {
    /// Which product.
    product_id: Id<model::Product>,
    /// The language: not what the catalogue is written in.
    locale: Locale,
    /// The product's name, 1 to 200 characters.
    title: String,
    /// What the shop says about it, up to 10,000 characters; the original is shown if absent.
    description: Option<String>,
    /// What its options are called; those that are left out are called as before translation.
    #[graphql(default)]
    options: Vec<ProductOptionTranslationInput>,
}

/// What `setProductTranslation` answers.
#[derive(SimpleObject)]
pub struct SetProductTranslationPayload {
    /// The product as it is now.
    product: Option<Product>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which translation of a product goes.
#[derive(InputObject)]
pub struct RemoveProductTranslationInput {
    /// Which product.
    product_id: Id<model::Product>,
    /// The language.
    locale: Locale,
}

/// What `removeProductTranslation` answers.
#[derive(SimpleObject)]
pub struct RemoveProductTranslationPayload {
    /// The product as it is now.
    product: Option<Product>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What a category shall be called in another language.
#[derive(InputObject)]
pub struct SetCategoryTranslationInput {
    /// Which category.
    category_id: Id<model::Category>,
    /// The language: not what the catalogue is written in.
    locale: Locale,
    /// The category's name, 1 to 80 characters.
    name: String,
    /// What the market says about it, up to 2,000 characters; the original is shown if absent.
    description: Option<String>,
}

/// What `setCategoryTranslation` answers.
#[derive(SimpleObject)]
pub struct SetCategoryTranslationPayload {
    /// The category as it is now.
    category: Option<Category>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which translation of a category goes.
#[derive(InputObject)]
pub struct RemoveCategoryTranslationInput {
    /// Which category.
    category_id: Id<model::Category>,
    /// The language.
    locale: Locale,
}

/// What `removeCategoryTranslation` answers.
#[derive(SimpleObject)]
pub struct RemoveCategoryTranslationPayload {
    /// The category as it is now.
    category: Option<Category>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What a choice of an attribute shall be called in another language.
#[derive(InputObject)]
pub struct AttributeChoiceTranslationInput {
    /// Which of the attribute's choices.
    choice_id: Id<model::attributes::Choice>,
    /// What it is called, 1 to 80 characters; no two choices are called the same.
    name: String,
}

/// What an attribute shall be called in another language.
#[derive(InputObject)]
pub struct SetAttributeTranslationInput {
    /// Which attribute.
    attribute_id: Id<model::attributes::Attribute>,
    /// The language: not what the catalogue is written in.
    locale: Locale,
    /// The attribute's name, 1 to 80 characters.
    name: String,
    /// What its choices are called; those that are left out are called as before translation.
    #[graphql(default)]
    choices: Vec<AttributeChoiceTranslationInput>,
}

/// What `setAttributeTranslation` answers.
#[derive(SimpleObject)]
pub struct SetAttributeTranslationPayload {
    /// The attribute as it is now.
    attribute: Option<Attribute>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which translation of an attribute goes.
#[derive(InputObject)]
pub struct RemoveAttributeTranslationInput {
    /// Which attribute.
    attribute_id: Id<model::attributes::Attribute>,
    /// The language.
    locale: Locale,
}

/// What `removeAttributeTranslation` answers.
#[derive(SimpleObject)]
pub struct RemoveAttributeTranslationPayload {
    /// The attribute as it is now.
    attribute: Option<Attribute>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct TranslationsMutation;

#[Object]
impl TranslationsMutation {
    /// Sets all that a product says in another language. Owners and managers of its shop may. The product's `version` stays. A product
    /// has at most 50 translations.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `TOO_MANY`, `INVALID`, `TAKEN`, `NOT_FOUND`, `NOT_PERMITTED`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(50))]
    async fn set_product_translation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it shall say.")] input: SetProductTranslationInput,
    ) -> WireResult<SetProductTranslationPayload> {
        let SetProductTranslationInput { product_id, locale, title, description, options } = input;
        let options = options.into_iter().map(Into::into).collect();
        let words = ProductWords { title, description: description.unwrap_or_default(), options };
        let result = service::set_product_translation(ctx.app(), ctx.caller(), product_id, locale, words).await;
        let (product, user_errors) = answer(ctx, result).await?;
        Ok(SetProductTranslationPayload { product: product.map(Into::into), user_errors })
    }

    /// Takes back what a product says in another language. Owners and managers of its shop may.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(50))]
    async fn remove_product_translation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which translation goes.")] input: RemoveProductTranslationInput,
    ) -> WireResult<RemoveProductTranslationPayload> {
        let RemoveProductTranslationInput { product_id, locale } = input;
        let result = service::remove_product_translation(ctx.app(), ctx.caller(), product_id, locale).await;
        let (product, user_errors) = answer(ctx, result).await?;
        Ok(RemoveProductTranslationPayload { product: product.map(Into::into), user_errors })
    }

    /// Sets what a category is called in another language. The market's administrators may. A category has at most 50 translations.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `TOO_MANY`, `INVALID`, `NOT_FOUND`.
    #[graphql(guard = "StaffOnly(StaffPermission::ManageCatalogue)")]
    async fn set_category_translation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it shall be called.")] input: SetCategoryTranslationInput,
    ) -> WireResult<SetCategoryTranslationPayload> {
        let SetCategoryTranslationInput { category_id, locale, name, description } = input;
        let words = CategoryWords { name, description: description.unwrap_or_default() };
        let result = service::set_category_translation(ctx.app(), ctx.caller(), category_id, locale, words).await;
        let (category, user_errors) = answer(ctx, result).await?;
        Ok(SetCategoryTranslationPayload { category: category.map(Into::into), user_errors })
    }

    /// Takes back what a category is called in another language. The market's administrators may.
    ///
    /// Codes: `NOT_FOUND`.
    #[graphql(guard = "StaffOnly(StaffPermission::ManageCatalogue)")]
    async fn remove_category_translation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which translation goes.")] input: RemoveCategoryTranslationInput,
    ) -> WireResult<RemoveCategoryTranslationPayload> {
        let RemoveCategoryTranslationInput { category_id, locale } = input;
        let result = service::remove_category_translation(ctx.app(), ctx.caller(), category_id, locale).await;
        let (category, user_errors) = answer(ctx, result).await?;
        Ok(RemoveCategoryTranslationPayload { category: category.map(Into::into), user_errors })
    }

    /// Sets what an attribute and its choices are called in another language. The market's administrators may. An attribute has at most
    /// 50 translations.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `TOO_MANY`, `INVALID`, `TAKEN`, `NOT_FOUND`.
    #[graphql(guard = "StaffOnly(StaffPermission::ManageCatalogue)")]
    async fn set_attribute_translation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it shall be called.")] input: SetAttributeTranslationInput,
    ) -> WireResult<SetAttributeTranslationPayload> {
        let SetAttributeTranslationInput { attribute_id, locale, name, choices } = input;
        let choices = choices.into_iter().map(|choice| (choice.choice_id, choice.name)).collect();
        let words = AttributeWords { name, choices };
        let result = service::set_attribute_translation(ctx.app(), ctx.caller(), attribute_id, locale, words).await;
        let (attribute, user_errors) = answer(ctx, result).await?;
        Ok(SetAttributeTranslationPayload { attribute: attribute.map(Into::into), user_errors })
    }

    /// Takes back what an attribute and its choices are called in another language. The market's administrators may.
    ///
    /// Codes: `NOT_FOUND`.
    #[graphql(guard = "StaffOnly(StaffPermission::ManageCatalogue)")]
    async fn remove_attribute_translation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which translation goes.")] input: RemoveAttributeTranslationInput,
    ) -> WireResult<RemoveAttributeTranslationPayload> {
        let RemoveAttributeTranslationInput { attribute_id, locale } = input;
        let result = service::remove_attribute_translation(ctx.app(), ctx.caller(), attribute_id, locale).await;
        let (attribute, user_errors) = answer(ctx, result).await?;
        Ok(RemoveAttributeTranslationPayload { attribute: attribute.map(Into::into), user_errors })
    }
}
