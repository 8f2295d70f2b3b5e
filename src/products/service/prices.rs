//! What variants cost, as their shops set it.

use std::collections::{HashMap, HashSet};

use super::{check, lock, settle, tell};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::CurrencyCode,
        page::{Page, Slice},
    },
    platform::{app::App, caller::Caller, db::Tx},
    products::{
        error::ProductError,
        model::{
            MAXIMUM_VARIANTS, Product, ProductAspect, Variant,
            prices::{AskedPrices, GivenPrice, MAXIMUM_CURRENCIES, NewPrices, Price, PriceChange, VariantPrice},
        },
        queries::{self, prices, variants},
    },
    shops::model::Shop,
    users::model::{User, signed_in},
};

/// What is asked of the prices of a variant that nobody else has changed since `expected_version`.
pub struct VariantPrices {
    pub variant: Id<Variant>,
    pub expected_version: i32,
    pub prices: AskedPrices,
}

/// Changes what variants of a product cost: all of them, or none.
pub async fn update_prices(
    app: &App,
    caller: &Caller,
    id: Id<Product>,
    given: Vec<VariantPrices>,
) -> Result<Product, ProductError> {
    let user = signed_in(caller)?;
    if given.len() > MAXIMUM_VARIANTS {
        return Err(ProductError::TooManyVariants { field: "variants".into() });
    }
    let mut seen = HashSet::new();
    if let Some(place) = given.iter().position(|given| !seen.insert(given.variant)) {
        return Err(ProductError::OptionTaken { field: format!("variants.{place}.variantId") });
    }
    app.db.write(caller, move |tx| set_prices(tx, user, id, &given)).await
}

/// A step: as [`update_prices`], each variant once.
pub fn set_prices(
    tx: &mut Tx<'_>,
    user: Id<User>,
    id: Id<Product>,
    given: &[VariantPrices],
) -> Result<Product, ProductError> {
    let product = lock(tx, user, id, "productId")?;
    let currency = product.card.currency;
    let siblings = variants::of_product(tx.conn(), id)?;
    let ids: Vec<_> = given.iter().map(|given| given.variant).collect();
    let before = prices::of_variants(tx.conn(), &ids)?;
    let mut amounts = Vec::with_capacity(given.len());
    let mut new = HashMap::with_capacity(given.len());
    for (place, VariantPrices { variant, expected_version, prices }) in given.iter().enumerate() {
        let at = |field: &str| format!("variants.{place}.{field}");
        let current = siblings.iter().find(|sibling| sibling.id == *variant);
        let current = current.ok_or_else(|| ProductError::NotFound { field: at("variantId") })?;
        if current.version != *expected_version {
            return Err(ProductError::StaleVariant { field: at("expectedVersion"), current: current.version });
        }
        let (amount, rest) = checked(prices, Some(own(current, &before)), currency, &at(""))?;
        amounts.push(amount.unwrap_or(current.price));
        new.insert(*variant, rest);
    }
    variants::set_prices(tx, &ids, &amounts)?;
    let now = tx.now();
    settle::settle_prices(tx, &product, &new, now)?;
    tell(tx, &product, product.card.status, &[ProductAspect::Price])?;
    queries::lock_product(tx, id)?.ok_or_else(|| ProductError::not_found("productId"))
}

/// What a variant costs in its shop's currency.
pub fn own(variant: &Variant, recorded: &[VariantPrice]) -> Price {
    let own = recorded.iter().find(|price| price.variant_id == variant.id && price.currency == variant.currency);
    Price { amount: variant.price, compare_at: own.and_then(|price| price.compare_at_amount) }
}

/// What somebody asks of a variant's prices, found to be in order: what it shall cost in the shop's currency, and the rest.
/// `path` is where it stands in the input, with a dot at its end unless it is empty.
///
/// # Errors
/// If a price would not be less than what it is compared with.
pub fn checked(
    asked: &AskedPrices,
    current: Option<Price>,
    currency: CurrencyCode,
    path: &str,
) -> Result<(Option<i64>, NewPrices), ProductError> {
    let at = |field: &str| format!("{path}{field}");
    let price = asked.price.map(|given| check::price(given, currency, &at("price"))).transpose()?;
    let compared = asked
        .compare_at_price
        .map(|given| given.map(|given| check::price(given, currency, &at("compareAtPrice"))).transpose());
    let compare_at = compared.transpose()?;
    if price.is_some() || compare_at.is_some() {
        let amount = price.or(current.map(|current| current.amount));
        let above = compare_at.unwrap_or(current.and_then(|current| current.compare_at));
        if amount.zip(above).is_some_and(|(amount, above)| above <= amount) {
            let field = if compare_at.is_some() { "compareAtPrice" } else { "price" };
            return Err(ProductError::OutOfRange { field: at(field) });
        }
    }
    let others = asked.others.as_deref().map(|given| checked_others(given, currency, &at("prices"))).transpose()?;
    Ok((price, NewPrices { compare_at, others }))
}

fn checked_others(
    given: &[GivenPrice],
    currency: CurrencyCode,
    field: &str,
) -> Result<Vec<(CurrencyCode, Price)>, ProductError> {
    if given.len() > MAXIMUM_CURRENCIES {
        return Err(ProductError::TooMany { field: field.into() });
    }
    let mut seen = HashSet::new();
    let mut checked = Vec::with_capacity(given.len());
    for (place, GivenPrice { price, compare_at }) in given.iter().enumerate() {
        let at = |rest: &str| format!("{field}.{place}.{rest}");
        if price.currency == currency {
            return Err(ProductError::OwnCurrency { field: at("price.currency") });
        }
        if !seen.insert(price.currency) {
            return Err(ProductError::OptionTaken { field: at("price.currency") });
        }
        let amount = check::price(*price, price.currency, &at("price"))?;
        let compare_at = compare_at.map(|given| check::price(given, price.currency, &at("compareAtPrice")));
        let compare_at = compare_at.transpose()?;
        if compare_at.is_some_and(|above| above <= amount) {
            return Err(ProductError::OutOfRange { field: at("compareAtPrice") });
        }
        checked.push((price.currency, Price { amount, compare_at }));
    }
    Ok(checked)
}

/// How the prices of a shop's variant changed, newest first. Whoever asks is one of its members.
pub async fn price_changes(
    app: &App,
    shop: Id<Shop>,
    variant: Id<Variant>,
    page: Page<i64>,
) -> Result<Slice<PriceChange>, Failure> {
    app.db.read(move |conn| prices::changes(conn, shop, variant, &page)).await
}

/// How often they changed, counted to a little more than is told.
pub async fn count_price_changes(app: &App, shop: Id<Shop>, variant: Id<Variant>) -> Result<i64, Failure> {
    app.db.read(move |conn| prices::count_changes(conn, shop, variant)).await
}
