//! What makes products on the wire, for they come with stock.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use crate::{
    inventory::{
        model::StockRule,
        service::{self, CreateProduct, CreateVariant},
    },
    kernel::{error::Failure, id::Id, money},
    platform::gql::{Ask, MoneyInput, SignedInOnly, WireResult},
    products::{
        self,
        graphql::{Product, ProductAttributeInput, ProductVariant, SelectedOptionInput, VariantPriceInput},
        loaders::{ProductKey, VariantById},
        model::{AddProduct, AddVariant, ProductStatus},
    },
    shops::model::Shop,
    user_errors::{UserError, answer},
};

/// A variant of a new product.
#[derive(InputObject)]
pub struct ProductVariantInput {
    /// The shop's own number for it, 1 to 64 characters; unique in the shop. One is made if absent.
    sku: Option<String>,
    /// What tells it from the product's other variants, up to 100 characters. Where the product has options it is made of
    /// them, and not to be given.
    title: Option<String>,
    /// What it is in each of the product's options.
    options: Option<Vec<SelectedOptionInput>>,
    /// What one piece costs, in the shop's currency; 0 or more.
    price: MoneyInput,
    /// A higher price that the shop compares it with.
    compare_at_price: Option<MoneyInput>,
    /// What it costs in other currencies, at most 20.
    prices: Option<Vec<VariantPriceInput>>,
    /// The number in its bar code, 1 to 64 characters.
    barcode: Option<String>,
    /// What one piece weighs with its wrapping, in grams: 0 to 1,000,000.
    weight_grams: Option<i32>,
    /// How many pieces are on hand, 0 to 1,000,000.
    #[graphql(default)]
    quantity: i32,
    /// How many pieces can be ordered that are not there, 0 to 1,000,000; none if absent.
    backorder_limit: Option<i32>,
    /// At how many pieces, or fewer, you are told that it is low: 0 to 1,000,000,000; never if absent.
    low_stock_threshold: Option<i32>,
}

/// What a new product shall be.
#[derive(InputObject)]
pub struct CreateProductInput {
    /// The shop that sells it.
    shop_id: Id<Shop>,
    /// The product's name, 1 to 200 characters.
    title: String,
    /// What the shop says about it, up to 10,000 characters.
    #[graphql(default)]
    description: String,
    /// Its name in URLs: lower-case letters, digits and single inner hyphens, at most 80. Made from the title if absent.
    slug: Option<String>,
    /// The category that it is in; none if absent.
    category_id: Option<Id<products::model::Category>>,
    /// Who sees it.
    #[graphql(default_with = "ProductStatus::Active")]
    status: ProductStatus,
    /// Who makes it, up to 100 characters.
    brand: Option<String>,
    /// Words by which the shop sorts it: at most 50, each 1 to 50 characters long. They become lower case.
    tags: Option<Vec<String>>,
    /// What it is, which says what attributes it can have.
    kind_id: Option<Id<products::model::attributes::ProductKind>>,
    /// How it is taxed; as usual if absent.
    tax_class_id: Option<Id<products::model::taxes::TaxClass>>,
    /// What is said of it by the attributes of its kind. An `ACTIVE` product needs those that the kind requires.
    attributes: Option<Vec<ProductAttributeInput>>,
    /// What the only variant costs, in the shop's currency; 0 or more. It takes the place of `variants`.
    price: Option<MoneyInput>,
    /// What the variants differ in, such as `["Size", "Colour"]`: at most 3 names of 1 to 60 characters.
    options: Option<Vec<String>>,
    /// What can be bought, 1 to 100, in the order in which the shop shows it. It takes the place of `price`.
    variants: Option<Vec<ProductVariantInput>>,
    /// 1 to 255 characters that name this very intent, so that a repeat makes no second product. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `createProduct` answers.
#[derive(SimpleObject)]
pub struct CreateProductPayload {
    /// The new product.
    product: Option<Product>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What a new variant shall be.
#[derive(InputObject)]
pub struct CreateProductVariantInput {
    /// The product of which it is a variant.
    product_id: Id<products::model::Product>,
    /// The shop's own number for it, 1 to 64 characters; unique in the shop. One is made if absent.
    sku: Option<String>,
    /// What tells it from the product's other variants, up to 100 characters. Where the product has options it is made of
    /// them, and not to be given.
    title: Option<String>,
    /// What it is in each of the product's options.
    options: Option<Vec<SelectedOptionInput>>,
    /// What one piece costs, in the shop's currency; 0 or more.
    price: MoneyInput,
    /// A higher price that the shop compares it with.
    compare_at_price: Option<MoneyInput>,
    /// What it costs in other currencies, at most 20.
    prices: Option<Vec<VariantPriceInput>>,
    /// The number in its bar code, 1 to 64 characters.
    barcode: Option<String>,
    /// What one piece weighs with its wrapping, in grams: 0 to 1,000,000.
    weight_grams: Option<i32>,
    /// How many pieces are on hand, 0 to 1,000,000.
    #[graphql(default)]
    quantity: i32,
    /// How many pieces can be ordered that are not there, 0 to 1,000,000; none if absent.
    backorder_limit: Option<i32>,
    /// At how many pieces, or fewer, you are told that it is low: 0 to 1,000,000,000; never if absent.
    low_stock_threshold: Option<i32>,
    /// 1 to 255 characters that name this very intent, so that a repeat makes no second variant. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `createProductVariant` answers.
#[derive(SimpleObject)]
pub struct CreateProductVariantPayload {
    /// The new variant.
    variant: Option<ProductVariant>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

fn variant_of(input: ProductVariantInput) -> Result<(AddVariant, (i32, StockRule)), Failure> {
    let ProductVariantInput {
        sku,
        title,
        options,
        price,
        compare_at_price,
        prices,
        barcode,
        weight_grams,
        quantity,
        ..
    } = input;
    let options = options.unwrap_or_default().into_iter().map(Into::into).collect();
    let (price, prices) = (price.try_into()?, products::graphql::given(prices)?);
    let compare_at_price = compare_at_price.map(TryInto::try_into).transpose()?;
    let rule = rule_of(input.backorder_limit, input.low_stock_threshold);
    let variant = AddVariant { sku, title, price, options, barcode, weight_grams, compare_at_price, prices };
    Ok((variant, (quantity, rule)))
}

fn rule_of(backorder_limit: Option<i32>, low_stock_threshold: Option<i32>) -> StockRule {
    StockRule { backorder_limit: backorder_limit.unwrap_or_default(), low_stock_threshold }
}

#[derive(Default)]
pub struct MakingMutation;

#[Object]
impl MakingMutation {
    /// Makes a product with its variants and their stock. Owners and managers of the shop may. Where an attribute is missing
    /// that the kind requires, the code is `BLANK`, and `field` ends in the attribute's handle.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `TAKEN`, `TOO_MANY`, `OUT_OF_RANGE`, `CURRENCY_MISMATCH`, `NOT_FOUND`,
    /// `NOT_PERMITTED`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly")]
    async fn create_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the product shall be.")] input: CreateProductInput,
    ) -> WireResult<CreateProductPayload> {
        let price = input.price.map(money::Money::try_from).transpose()?;
        let variants = input.variants.map(|given| given.into_iter().map(variant_of).collect::<Result<Vec<_>, _>>());
        let (variants, stock): (Option<Vec<_>>, Vec<_>) = match variants.transpose()? {
            Some(variants) => {
                let (variants, stock) = variants.into_iter().unzip();
                (Some(variants), stock)
            }
            None => (None, Vec::new()),
        };
        let (quantities, mut rules): (_, Vec<_>) = stock.into_iter().unzip();
        if rules.iter().all(|rule| *rule == StockRule::default()) {
            rules.clear();
        }
        let product = AddProduct {
            shop: input.shop_id,
            title: input.title,
            description: input.description,
            slug: input.slug,
            category: input.category_id,
            status: input.status,
            brand: input.brand,
            tags: input.tags.unwrap_or_default(),
            product_kind: input.kind_id,
            tax_class: input.tax_class_id,
            attributes: input.attributes.unwrap_or_default().into_iter().map(Into::into).collect(),
            options: input.options.unwrap_or_default(),
            price,
            variants,
        };
        let input_key = input.idempotency_key.as_deref();
        let create = CreateProduct { product, quantities, rules };
        let result = service::create_product(ctx.app(), ctx.caller(), input_key, create).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let product = match id {
            Some(id) => ctx.loader().load_one(ProductKey::id(id)).await?,
            None => None,
        };
        Ok(CreateProductPayload { product: product.map(Into::into), user_errors })
    }

    /// Makes one more variant of a product, with its stock. Owners and managers of the shop may. A product has at most 100.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `TAKEN`, `TOO_MANY`, `OUT_OF_RANGE`, `CURRENCY_MISMATCH`, `NOT_FOUND`,
    /// `NOT_PERMITTED`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly")]
    async fn create_product_variant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the variant shall be.")] input: CreateProductVariantInput,
    ) -> WireResult<CreateProductVariantPayload> {
        let CreateProductVariantInput {
            product_id: product,
            sku,
            title,
            options,
            price,
            compare_at_price,
            prices,
            barcode,
            weight_grams,
            quantity,
            backorder_limit,
            low_stock_threshold,
            idempotency_key,
        } = input;
        let given = ProductVariantInput {
            sku,
            title,
            options,
            price,
            compare_at_price,
            prices,
            barcode,
            weight_grams,
            quantity,
            backorder_limit,
            low_stock_threshold,
        };
        let (variant, (quantity, rule)) = variant_of(given)?;
        let rule = (rule != StockRule::default()).then_some(rule);
        let create = CreateVariant { product, variant, quantity, rule };
        let result = service::create_variant(ctx.app(), ctx.caller(), idempotency_key.as_deref(), create).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let variant = match id {
            Some(id) => ctx.loader().load_one(VariantById(id)).await?,
            None => None,
        };
        Ok(CreateProductVariantPayload { variant: variant.map(Into::into), user_errors })
    }
}
