//! Changing variants and what tells them apart.

use std::collections::{HashMap, HashSet};

use super::{check, lock, lock_version, prices, settle, steps, tell};
use crate::{
    kernel::id::Id,
    media::model::Medium,
    platform::{app::App, caller::Caller},
    products::{
        error::ProductError,
        model::{
            MAXIMUM_VARIANTS, Product, ProductAspect, Variant,
            options::{self, OptionChange, RenamedValue, SelectedOption},
            prices::AskedPrices,
        },
        queries::{
            self, ProductColumns,
            variants::{self, VariantColumns},
        },
    },
    users::model::signed_in,
};

/// A change of a variant; what is absent stays. The inner `None` clears.
#[derive(Default)]
#[allow(clippy::option_option, reason = "absent stays, an explicit null clears")]
pub struct VariantChange {
    pub sku: Option<String>,
    pub title: Option<String>,
    pub prices: AskedPrices,
    /// All of them.
    pub options: Option<Vec<SelectedOption>>,
    pub barcode: Option<Option<String>>,
    pub weight_grams: Option<Option<i32>>,
    /// One of the product's.
    pub image: Option<Option<Id<Medium>>>,
}

/// Changes a variant that nobody else has changed since `expected_version`.
pub async fn update_variant(
    app: &App,
    caller: &Caller,
    id: Id<Variant>,
    expected_version: i32,
    change: VariantChange,
) -> Result<Variant, ProductError> {
    let user = signed_in(caller)?;
    let sku = change.sku.as_deref().map(|sku| check::sku(sku, "sku")).transpose()?;
    let given_title = change.title.as_deref().map(|title| check::variant_title(title, "title")).transpose()?;
    let barcode = |code: Option<String>| code.map(|code| check::barcode(&code, "barcode")).transpose();
    let barcode = change.barcode.map(barcode).transpose()?;
    let weight = |grams: Option<i32>| grams.map(|grams| check::weight(grams, "weightGrams")).transpose();
    let weight_grams = change.weight_grams.map(weight).transpose()?;
    app.db
        .write(caller, move |tx| {
            let found = variants::by_id(tx.conn(), id)?.ok_or_else(|| ProductError::not_found("variantId"))?;
            let product = lock(tx, user, found.product_id, "variantId")?;
            // Read again: only under the product's lock they stand still.
            let siblings = variants::of_product(tx.conn(), found.product_id)?;
            let current = siblings.iter().find(|variant| variant.id == id);
            let current = current.ok_or_else(|| ProductError::not_found("variantId"))?;
            if current.version != expected_version {
                return Err(ProductError::StaleVersion { current: current.version });
            }
            let names = &product.details.option_names;
            let is_called_so = |title: &str| title.is_empty() || title == current.title;
            let title = given_title.as_deref().filter(|_| names.is_empty());
            if !names.is_empty() && given_title.as_deref().is_some_and(|title| !is_called_so(title)) {
                return Err(ProductError::TitleAndOptions { field: "title".into() });
            }
            let given = change.options.as_deref().map(|given| check::option_values(names, given, "options"));
            let mut option_values = given.transpose()?;
            if let Some(values) = &mut option_values {
                let others = siblings.iter().filter(|variant| variant.id != id);
                options::spell_alike(values, others.clone().map(|variant| variant.option_values.as_slice()));
                let all = others.map(|variant| variant.option_values.as_slice()).chain([values.as_slice()]);
                if check::same_options(all).is_some() {
                    return Err(ProductError::SameOptions { field: "options".into() });
                }
            }
            let asked = &change.prices;
            let recorded = if asked.price.is_some() || asked.compare_at_price.is_some() {
                queries::prices::of_variants(tx.conn(), &[id])?
            } else {
                Vec::new()
            };
            let own = prices::own(current, &recorded);
            let (price, new) = prices::checked(asked, Some(own), product.card.currency, "")?;
            let by_options = option_values.as_deref().filter(|values| !values.is_empty()).map(options::title);
            let columns = VariantColumns {
                sku: sku.as_deref(),
                title: by_options.as_deref().or(title),
                price,
                option_values: option_values.as_deref(),
                barcode: barcode.clone(),
                weight_grams,
            };
            let variant = variants::set(tx, id, &columns).map_err(|failure| steps::sku_taken(failure, "sku"))?;
            if let Some(image) = change.image {
                queries::media::set_of_variant(tx, (product.card.id, id), image).map_err(|failure| {
                    let is_unknown = failure.violates("variant_media_product_id_media_id_fkey");
                    if is_unknown { ProductError::not_found("imageId") } else { failure.into() }
                })?;
            }
            let now = tx.now();
            let has_new_prices = variant.price != current.price || new.compare_at.is_some() || new.others.is_some();
            settle::settle_prices(tx, &product, &HashMap::from([(id, new)]), now)?;
            let mut aspects = vec![ProductAspect::Details];
            aspects.extend(has_new_prices.then_some(ProductAspect::Price));
            tell(tx, &product, product.card.status, &aspects)?;
            Ok(variant)
        })
        .await
}

/// Gives a product that nobody else has changed since `expected_version` other options, and its variants their values.
pub async fn update_options(
    app: &App,
    caller: &Caller,
    id: Id<Product>,
    expected_version: i32,
    changes: Vec<OptionChange>,
) -> Result<Product, ProductError> {
    let user = signed_in(caller)?;
    let changes = checked(changes)?;
    app.db
        .write(caller, move |tx| {
            let current = lock_version(tx, user, id, expected_version)?;
            let siblings = variants::of_product(tx.conn(), id)?;
            let before: Vec<_> =
                siblings.iter().map(|variant| (variant.option_values.as_slice(), variant.title.as_str())).collect();
            let mut values = options::changed(&current.details.option_names, &before, &changes)
                .map_err(|misfit| check::misfit_at(misfit, "options"))?;
            // A title becomes a value only if it is as short as one.
            for value in values.iter().flatten() {
                check::option(value, "options")?;
            }
            for place in 1..values.len() {
                let (before, rest) = values.split_at_mut(place);
                if let Some(own) = rest.first_mut() {
                    options::spell_alike(own, before.iter().map(Vec::as_slice));
                }
            }
            if check::same_options(values.iter().map(Vec::as_slice)).is_some() {
                return Err(ProductError::SameOptions { field: "options".into() });
            }
            let names: Vec<String> = changes.iter().map(|change| change.name.clone()).collect();
            let now = tx.now();
            let columns = ProductColumns { option_names: Some(&names), ..ProductColumns::default() };
            let product = queries::set_product(tx, id, &columns, now)?;
            // Without options they are called as before.
            let title = |(variant, values): (&Variant, &Vec<String>)| {
                if values.is_empty() { variant.title.clone() } else { options::title(values) }
            };
            let titles: Vec<String> = siblings.iter().zip(&values).map(title).collect();
            let ids: Vec<Id<Variant>> = siblings.iter().map(|variant| variant.id).collect();
            variants::set_options(tx, id, &ids, &values, &titles)?;
            settle(tx, &product, now)?;
            tell(tx, &product, product.card.status, &[ProductAspect::Details])?;
            Ok(product)
        })
        .await
}

fn checked(changes: Vec<OptionChange>) -> Result<Vec<OptionChange>, ProductError> {
    let given: Vec<String> = changes.iter().map(|change| change.name.clone()).collect();
    let names = check::option_names(&given).map_err(|error| match error {
        ProductError::Text { field, error } => ProductError::Text { field: format!("{field}.name"), error },
        ProductError::OptionTaken { field } => ProductError::OptionTaken { field: format!("{field}.name") },
        error => error,
    })?;
    let mut checked = Vec::with_capacity(changes.len());
    for (place, (change, name)) in changes.into_iter().zip(names).enumerate() {
        let at = |rest: &str| format!("options.{place}.{rest}");
        let value = change.value.as_deref().map(|value| check::option(value, &at("value"))).transpose()?;
        if change.renamed.len() > MAXIMUM_VARIANTS {
            return Err(ProductError::TooMany { field: at("renamedValues") });
        }
        let renamed = change.renamed.into_iter().enumerate().map(|(index, RenamedValue { from, to })| {
            Ok(RenamedValue { from, to: check::option(&to, &at(&format!("renamedValues.{index}.to")))? })
        });
        let renamed = renamed.collect::<Result<_, ProductError>>()?;
        checked.push(OptionChange { name, previous_name: change.previous_name, value, renamed });
    }
    Ok(checked)
}

/// Puts all variants of a product that nobody else has changed since `expected_version` into this order.
pub async fn reorder_variants(
    app: &App,
    caller: &Caller,
    id: Id<Product>,
    expected_version: i32,
    ids: Vec<Id<Variant>>,
) -> Result<Product, ProductError> {
    let user = signed_in(caller)?;
    app.db
        .write(caller, move |tx| {
            lock_version(tx, user, id, expected_version)?;
            let here: HashSet<_> = variants::of_product(tx.conn(), id)?.into_iter().map(|variant| variant.id).collect();
            if ids.len() != here.len() || ids.iter().collect::<HashSet<_>>() != here.iter().collect() {
                return Err(ProductError::NotAllVariants { field: "variantIds".into() });
            }
            variants::set_order(tx, &ids)?;
            let now = tx.now();
            let product = queries::set_product(tx, id, &ProductColumns::default(), now)?;
            tell(tx, &product, product.card.status, &[ProductAspect::Details])?;
            Ok(product)
        })
        .await
}
