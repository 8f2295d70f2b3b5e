//! Changing variants and the options that tell them apart.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};

use super::{Product, ProductVariant, VariantPriceInput, prices};
use crate::{
    kernel::id::Id,
    media::model::Medium,
    platform::gql::{Ask, MoneyInput, SignedInOnly, WireResult, change, set},
    products::{
        model::{
            self,
            options::{self, OptionChange},
        },
        service::{self, VariantChange},
    },
    user_errors::{UserError, answer},
};

/// What a variant is in one of its product's options.
#[derive(InputObject)]
pub struct SelectedOptionInput {
    /// What the option is called, as the product has it.
    name: String,
    /// What the variant is in it, 1 to 60 characters.
    value: String,
}

impl From<SelectedOptionInput> for options::SelectedOption {
    fn from(SelectedOptionInput { name, value }: SelectedOptionInput) -> Self {
        Self { name, value }
    }
}

/// What changes about a variant. What is absent stays.
#[derive(InputObject)]
pub struct UpdateProductVariantInput {
    /// Which variant.
    variant_id: Id<model::Variant>,
    /// The `version` of the variant as it was read.
    expected_version: i32,
    /// The shop's own number for it, 1 to 64 characters; unique in the shop.
    sku: MaybeUndefined<String>,
    /// What tells it from the product's other variants, up to 100 characters. Null clears it. Where the product has options
    /// it is made of them, and not to be given.
    title: MaybeUndefined<String>,
    /// What it is in each of the product's options.
    options: MaybeUndefined<Vec<SelectedOptionInput>>,
    /// What one piece costs, in the shop's currency; 0 or more, and less than the price that it is compared with.
    price: MaybeUndefined<MoneyInput>,
    /// A higher price that the shop compares it with. Null clears it.
    compare_at_price: MaybeUndefined<MoneyInput>,
    /// All its prices in other currencies, at most 20. One that is not among them goes; null: all of them.
    prices: MaybeUndefined<Vec<VariantPriceInput>>,
    /// The number in its bar code, 1 to 64 characters. Null clears it.
    barcode: MaybeUndefined<String>,
    /// What one piece weighs with its wrapping, in grams: 0 to 1,000,000. Null clears it.
    weight_grams: MaybeUndefined<i32>,
    /// The one of the product's images that shows it. Null: none.
    image_id: MaybeUndefined<Id<Medium>>,
}

/// What `updateProductVariant` answers.
#[derive(SimpleObject)]
pub struct UpdateProductVariantPayload {
    /// The variant as it is now.
    variant: Option<ProductVariant>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// A value of an option that gets another name.
#[derive(InputObject)]
pub struct RenamedOptionValueInput {
    /// What it is called.
    from: String,
    /// What it shall be called, 1 to 60 characters.
    to: String,
}

/// An option as it shall be.
#[derive(InputObject)]
pub struct ProductOptionInput {
    /// What it is called, 1 to 60 characters; no two options of a product have the same name.
    name: String,
    /// What it was called, if it gets another name. An option that the product did not have is new.
    previous_name: Option<String>,
    /// What all variants are in a new option, 1 to 60 characters. If absent, each one's title becomes its value.
    value: Option<String>,
    /// Values that get another name; the others stay. At most 100.
    #[graphql(default)]
    renamed_values: Vec<RenamedOptionValueInput>,
}

impl From<ProductOptionInput> for OptionChange {
    fn from(input: ProductOptionInput) -> Self {
        let ProductOptionInput { name, previous_name, value, renamed_values } = input;
        let renamed = |RenamedOptionValueInput { from, to }| options::RenamedValue { from, to };
        Self { name, previous_name, value, renamed: renamed_values.into_iter().map(renamed).collect() }
    }
}

/// What the variants of a product shall differ in.
#[derive(InputObject)]
pub struct UpdateProductOptionsInput {
    /// Which product.
    product_id: Id<model::Product>,
    /// The `version` of the product as it was read.
    expected_version: i32,
    /// All its options in their order, at most 3. One that is not among them goes.
    options: Vec<ProductOptionInput>,
}

/// What `updateProductOptions` answers.
#[derive(SimpleObject)]
pub struct UpdateProductOptionsPayload {
    /// The product as it is now.
    product: Option<Product>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// The order of a product's variants.
#[derive(InputObject)]
pub struct ReorderProductVariantsInput {
    /// Which product.
    product_id: Id<model::Product>,
    /// The `version` of the product as it was read.
    expected_version: i32,
    /// All its variants, in the order in which the shop shows them.
    variant_ids: Vec<Id<model::Variant>>,
}

/// What `reorderProductVariants` answers.
#[derive(SimpleObject)]
pub struct ReorderProductVariantsPayload {
    /// The product as it is now.
    product: Option<Product>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct VariantsMutation;

#[Object]
impl VariantsMutation {
    /// Changes a variant. Owners and managers of its shop may.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `TOO_MANY`, `INVALID`, `TAKEN`, `OUT_OF_RANGE`, `CURRENCY_MISMATCH`, `NOT_FOUND`,
    /// `NOT_PERMITTED`, `STALE_VERSION`.
    #[graphql(guard = "SignedInOnly")]
    async fn update_product_variant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateProductVariantInput,
    ) -> WireResult<UpdateProductVariantPayload> {
        let change = VariantChange {
            sku: set(input.sku, "sku")?,
            title: change(input.title).map(Option::unwrap_or_default),
            prices: prices::asked(input.price, input.compare_at_price, input.prices)?,
            options: set(input.options, "options")?.map(|given| given.into_iter().map(Into::into).collect()),
            barcode: change(input.barcode),
            weight_grams: change(input.weight_grams),
            image: change(input.image_id),
        };
        let result =
            service::update_variant(ctx.app(), ctx.caller(), input.variant_id, input.expected_version, change).await;
        let (variant, user_errors) = answer(ctx, result).await?;
        Ok(UpdateProductVariantPayload { variant: variant.map(Into::into), user_errors })
    }

    /// Changes what the variants of a product differ in: options come, go, move and get other names, and so do their values.
    /// Owners and managers of its shop may. A change that would leave two variants with the same options is refused.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `TAKEN`, `TOO_MANY`, `NOT_FOUND`, `NOT_PERMITTED`, `STALE_VERSION`.
    #[graphql(guard = "SignedInOnly")]
    async fn update_product_options(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The options as they shall be.")] input: UpdateProductOptionsInput,
    ) -> WireResult<UpdateProductOptionsPayload> {
        let UpdateProductOptionsInput { product_id, expected_version, options } = input;
        let changes = options.into_iter().map(Into::into).collect();
        let result = service::update_options(ctx.app(), ctx.caller(), product_id, expected_version, changes).await;
        let (product, user_errors) = answer(ctx, result).await?;
        Ok(UpdateProductOptionsPayload { product: product.map(Into::into), user_errors })
    }

    /// Puts the variants of a product into another order, which is also that of its options' values. Owners and managers of
    /// its shop may.
    ///
    /// Codes: `INVALID`, `NOT_FOUND`, `NOT_PERMITTED`, `STALE_VERSION`.
    #[graphql(guard = "SignedInOnly")]
    async fn reorder_product_variants(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The order.")] input: ReorderProductVariantsInput,
    ) -> WireResult<ReorderProductVariantsPayload> {
        let ReorderProductVariantsInput { product_id, expected_version, variant_ids } = input;
        let result =
            service::reorder_variants(ctx.app(), ctx.caller(), product_id, expected_version, variant_ids).await;
        let (product, user_errors) = answer(ctx, result).await?;
        Ok(ReorderProductVariantsPayload { product: product.map(Into::into), user_errors })
    }
}
