//! Stock on the wire, and what makes products, for they come with stock.

use async_graphql::{Context, InputObject, Object, OneofObject, SimpleObject};

use super::{
    model::{self, StockChange},
    service::{self, AdjustStock, CreateProduct, CreateVariant},
};
use crate::{
    kernel::{error::Failure, id::Id, money, page::PageArgs},
    platform::gql::{Ask, List, Listing, MoneyInput, SignedInOnly, Total, WireResult},
    products::{
        self,
        graphql::{Product, ProductAttributeInput, ProductVariant, SelectedOptionInput, VariantPriceInput},
        loaders::{ProductKey, VariantById},
        model::{AddProduct, AddVariant, ProductStatus},
    },
    shops::model::{Desk, Shop},
    user_errors::{UserError, answer},
};

/// A place where a shop keeps stock. Only the shop's members see it.
#[derive(Debug, Clone, SimpleObject)]
pub struct Location {
    /// Begins with `location_`.
    pub id: Id<model::Location>,
    /// What the shop calls it.
    pub name: String,
    /// Whether orders take from here.
    pub is_default: bool,
}

impl From<model::Location> for Location {
    fn from(row: model::Location) -> Self {
        Self { id: row.id, name: row.name, is_default: row.is_default }
    }
}

/// How many pieces of a variant lie at a location. Only the shop's members see it.
#[derive(Debug, Clone, SimpleObject)]
pub struct StockLevel {
    /// What lies there.
    pub variant: ProductVariant,
    /// Where it lies.
    pub location: Location,
    /// How many pieces there are.
    pub on_hand: i32,
}

impl From<model::Stock> for StockLevel {
    fn from(row: model::Stock) -> Self {
        Self { variant: row.variant.into(), location: row.location.into(), on_hand: row.on_hand }
    }
}

/// The stock's part of a shop's desk.
pub struct InventoryDesk(Id<Shop>);

impl From<&Desk> for InventoryDesk {
    fn from(desk: &Desk) -> Self {
        Self(desk.shop.id)
    }
}

#[Object]
impl InventoryDesk {
    /// What the shop has on hand, by SKU.
    async fn stock(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<List<StockLevel>> {
        let shop = self.0;
        let listing = Listing::new(("stock", shop), &PageArgs { first, after, last, before })?;
        let app = ctx.app().clone();
        let rows = service::stock_of(&app, shop, listing.page.clone()).await?;
        let total = Total::new(move || {
            let app = app.clone();
            async move { service::count_stock(&app, shop).await }
        });
        Ok(listing.connection(rows, |row| (row.variant.sku.clone(), row.location.id), StockLevel::from, total))
    }
}

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

/// What was counted, and what was there by the books.
#[derive(InputObject)]
pub struct StockCountInput {
    /// How many pieces there are, 0 to 1,000,000,000.
    quantity: i32,
    /// How many pieces there were as it was read. If there are others by now, nothing changes: `STOCK_CHANGED`.
    expected: i32,
}

/// How stock changes: exactly one of the fields.
#[derive(OneofObject)]
pub enum StockChangeInput {
    /// By so many pieces, more or less: -1,000,000 to 1,000,000, not 0.
    By(i32),
    /// To what was counted.
    To(StockCountInput),
}

impl From<StockChangeInput> for StockChange {
    fn from(input: StockChangeInput) -> Self {
        match input {
            StockChangeInput::By(by) => Self::By(by),
            StockChangeInput::To(StockCountInput { quantity, expected }) => Self::To { quantity, expected },
        }
    }
}

/// Which stock changes how.
#[derive(InputObject)]
pub struct AdjustStockInput {
    /// Of which variant.
    variant_id: Id<products::model::Variant>,
    /// Where; the shop's default location if absent.
    location_id: Option<Id<model::Location>>,
    /// How.
    change: StockChangeInput,
    /// 1 to 255 characters that name this very intent, so that a repeat changes nothing. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `adjustStock` answers.
#[derive(SimpleObject)]
pub struct AdjustStockPayload {
    /// The stock as it is now.
    stock_level: Option<StockLevel>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

fn variant_of(input: ProductVariantInput) -> Result<(AddVariant, i32), Failure> {
    let ProductVariantInput { sku, title, options, price, compare_at_price, prices, barcode, weight_grams, quantity } =
        input;
    let options = options.unwrap_or_default().into_iter().map(Into::into).collect();
    let (price, prices) = (price.try_into()?, products::graphql::given(prices)?);
    let compare_at_price = compare_at_price.map(TryInto::try_into).transpose()?;
    Ok((AddVariant { sku, title, price, options, barcode, weight_grams, compare_at_price, prices }, quantity))
}

#[derive(Default)]
pub struct InventoryMutation;

#[Object]
impl InventoryMutation {
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
        let (variants, quantities) = match variants.transpose()? {
            Some(variants) => {
                let (variants, quantities) = variants.into_iter().unzip();
                (Some(variants), quantities)
            }
            None => (None, Vec::new()),
        };
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
        let create = CreateProduct { product, quantities };
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
        };
        let (variant, quantity) = variant_of(given)?;
        let create = CreateVariant { product, variant, quantity };
        let result = service::create_variant(ctx.app(), ctx.caller(), idempotency_key.as_deref(), create).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let variant = match id {
            Some(id) => ctx.loader().load_one(VariantById(id)).await?,
            None => None,
        };
        Ok(CreateProductVariantPayload { variant: variant.map(Into::into), user_errors })
    }

    /// Changes how many pieces of a variant are on hand. Owners, managers and fulfillment of the shop may.
    ///
    /// Codes: `OUT_OF_RANGE`, `OUT_OF_STOCK`, `STOCK_CHANGED`, `NOT_FOUND`, `NOT_PERMITTED`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly")]
    async fn adjust_stock(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which stock, and how.")] input: AdjustStockInput,
    ) -> WireResult<AdjustStockPayload> {
        let AdjustStockInput { variant_id: variant, location_id: location, change, idempotency_key } = input;
        let adjust = AdjustStock { variant, location, change: change.into() };
        let result = service::adjust_stock(ctx.app(), ctx.caller(), idempotency_key.as_deref(), adjust).await;
        let (level, user_errors) = answer(ctx, result).await?;
        let stock = match level {
            Some((variant, location)) => service::stock(ctx.app(), ctx.caller(), variant, location).await?,
            None => None,
        };
        Ok(AdjustStockPayload { stock_level: stock.map(Into::into), user_errors })
    }
}
