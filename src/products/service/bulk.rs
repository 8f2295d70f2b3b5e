//! Many products at once: for the importer and the demo market.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{history, settle::stemming};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::CurrencyCode,
        text::{slug, slug_candidates},
        tsvector::Document,
    },
    platform::{clock::Time, db::Tx},
    products::{
        model::{
            Category, Product, ProductStatus, Variant,
            attributes::{Attribute, AttributeBy, AttributeValue, GivenAttribute, ProductKind, Said, StoredValue},
            facets::packed,
            prices::VariantPrice,
            search::{Stemming, Texts},
        },
        queries::{
            self, NewProduct, attributes,
            variants::{self, NewVariant},
        },
    },
    shops::model::Shop,
};

/// A product as another system knows it. Texts are taken as they are; there is at least one variant.
#[derive(Debug, Clone)]
pub struct BulkProduct {
    pub id: Id<Product>,
    pub shop: Id<Shop>,
    pub category: Option<Id<Category>>,
    /// What it is called in URLs, if nobody has that name.
    pub slug: Option<String>,
    pub title: String,
    pub description: String,
    pub brand: String,
    pub status: ProductStatus,
    pub specification: Specification,
    pub currency: CurrencyCode,
    pub sold_count: i64,
    pub created_at: Time,
    pub variants: Vec<BulkVariant>,
}

/// What is said of a [`BulkProduct`] in a form that can be compared.
#[derive(Debug, Clone, Default)]
pub struct Specification {
    /// In lower case, each once.
    pub tags: Vec<String>,
    pub product_kind: Option<Id<ProductKind>>,
    /// By attributes of the kind.
    pub attributes: Vec<GivenAttribute>,
    /// The names of the options.
    pub options: Vec<String>,
}

/// A variant of a [`BulkProduct`]; its SKU is new to the shop.
#[derive(Debug, Clone)]
pub struct BulkVariant {
    pub id: Id<Variant>,
    pub sku: String,
    pub title: String,
    /// Its value for each of the product's options; no two variants have the same.
    pub options: Vec<String>,
    /// In minor units of the product's currency.
    pub price: i64,
    /// More than the price.
    pub compare_at: Option<i64>,
    pub barcode: Option<String>,
    pub weight_grams: Option<i32>,
}

/// Rows of one statement: at most 19 columns a row, and Postgres takes 65,535 parameters.
const ROWS: usize = 1_000;

/// What was free when it was looked at and is somebody else's now: the transaction lost against theirs, and is to begin anew.
pub(super) fn taken_meanwhile(failure: Failure) -> Failure {
    let is_taken = failure.violates("products_slug_key") || failure.violates("product_variants_sku_key");
    if is_taken { Failure::Contention(failure.to_string()) } else { failure }
}

/// A step: inserts products with their variants, a few statements for a thousand. Slugs are made from the titles where none is wished for.
///
/// # Errors
/// [`Failure::Contention`] if a SKU or a slug is not new; a product without a variant. Nothing is inserted that stays.
pub fn add_products(tx: &mut Tx<'_>, products: &[BulkProduct]) -> Result<(), Failure> {
    let stemming = stemming(tx)?;
    let mut learnt = BTreeMap::<String, i32>::new();
    for batch in products.chunks(ROWS) {
        let slugs = free_slugs(tx, batch)?;
        let said = said(tx, batch)?;
        let mut rows = Vec::with_capacity(batch.len());
        let found_by: Vec<_> =
            batch.iter().zip(&said).map(|(product, said)| found_by(product, said, &stemming)).collect();
        let said: Vec<_> = batch.iter().map(|product| packed(&stored(product).collect::<Vec<_>>())).collect();
        for (((product, slug), (search, words)), said) in batch.iter().zip(&slugs).zip(&found_by).zip(&said) {
            let prices = product.variants.iter().map(|variant| variant.price);
            let (Some(price_min), Some(price_max)) = (prices.clone().min(), prices.max()) else {
                return Err(Failure::internal("a product without variants"));
            };
            if product.status == ProductStatus::Active {
                for word in words {
                    *learnt.entry(word.clone()).or_default() += 1;
                }
            }
            rows.push(NewProduct {
                id: product.id,
                shop_id: product.shop,
                category_id: product.category,
                slug,
                title: &product.title,
                description: &product.description,
                status: product.status,
                currency: product.currency,
                price_min,
                price_max,
                sold_count: product.sold_count,
                brand: &product.brand,
                tags: &product.specification.tags,
                option_names: &product.specification.options,
                product_kind_id: product.specification.product_kind,
                tax_class_id: None,
                search,
                said,
                created_at: product.created_at,
                updated_at: product.created_at,
            });
        }
        queries::insert_products(tx, &rows).map_err(taken_meanwhile)?;
    }
    queries::words::learn(tx, &learnt)?;
    let rows: Vec<NewVariant<'_>> = products.iter().flat_map(variant_rows).collect();
    rows.chunks(ROWS).try_for_each(|rows| variants::insert_all(tx, rows)).map_err(taken_meanwhile)?;
    history::record_new(tx, &products.iter().flat_map(prices).collect::<Vec<_>>())?;
    let values: Vec<_> = products.iter().flat_map(stored).collect();
    values.chunks(ROWS).try_for_each(|rows| attributes::insert_values(tx, rows))
}

/// What is said of a product, as it is stored.
fn stored(product: &BulkProduct) -> impl Iterator<Item = StoredValue> {
    let stored = |given: &GivenAttribute| StoredValue::of(product.id, given.attribute, &given.value);
    product.specification.attributes.iter().filter_map(stored)
}

/// What is said of each product of a batch, in the words for it.
fn said(tx: &mut Tx<'_>, batch: &[BulkProduct]) -> Result<Vec<Vec<String>>, Failure> {
    let named = batch.iter().flat_map(|product| &product.specification.attributes).map(|given| given.attribute);
    let ids: Vec<Id<Attribute>> = named.collect::<HashSet<_>>().into_iter().collect();
    let known = if ids.is_empty() {
        Vec::new()
    } else {
        attributes::by_names(tx.conn(), &ids.iter().copied().map(AttributeBy::Id).collect::<Vec<_>>())?
    };
    let known: HashMap<_, _> = known.into_iter().map(|attribute| (attribute.id, attribute)).collect();
    let choices = if ids.is_empty() { Vec::new() } else { attributes::choices(tx.conn(), &ids)? };
    let text = |given: &GivenAttribute| {
        let choice = choices.iter().find(|choice| given.value == AttributeValue::Choice(choice.id)).cloned();
        let attribute = known.get(&given.attribute)?.clone();
        Some(Said { attribute, value: given.value.clone(), choice }.text())
    };
    Ok(batch.iter().map(|product| product.specification.attributes.iter().filter_map(text).collect()).collect())
}

fn found_by(product: &BulkProduct, said: &[String], stemming: &Stemming) -> (Document, BTreeSet<String>) {
    let BulkProduct { title, description, brand, specification, variants, .. } = product;
    let of_variants = variants
        .iter()
        .flat_map(|variant| [variant.title.as_str(), &variant.sku, variant.barcode.as_deref().unwrap_or_default()]);
    let texts = Texts { title, brand, tags: &specification.tags, description, translations: &[] };
    texts.document(said.iter().map(String::as_str).chain(of_variants), stemming)
}

fn variant_rows(product: &BulkProduct) -> impl Iterator<Item = NewVariant<'_>> {
    (0..).zip(&product.variants).map(|(ordinal, variant)| NewVariant {
        id: variant.id,
        product_id: product.id,
        shop_id: product.shop,
        sku: &variant.sku,
        title: &variant.title,
        ordinal,
        currency: product.currency,
        price: variant.price,
        option_values: &variant.options,
        barcode: variant.barcode.as_deref(),
        weight_grams: variant.weight_grams,
        created_at: product.created_at,
    })
}

/// What its variants cost since it was made.
fn prices(product: &BulkProduct) -> impl Iterator<Item = (VariantPrice, Time)> {
    product.variants.iter().map(|variant| {
        let price = VariantPrice {
            variant_id: variant.id,
            currency: product.currency,
            amount: variant.price,
            compare_at_amount: variant.compare_at,
            lowest_recent_amount: None,
            is_for_sale: product.status == ProductStatus::Active,
        };
        (price, product.created_at)
    })
}

/// A slug for each product that neither the market nor an earlier one of the batch has.
fn free_slugs(tx: &mut Tx<'_>, batch: &[BulkProduct]) -> Result<Vec<String>, Failure> {
    let wished = |product: &BulkProduct| product.slug.clone().unwrap_or_else(|| slug(&product.title));
    let candidates: Vec<Vec<String>> =
        batch.iter().map(|product| slug_candidates(&wished(product), tx.generator().bytes())).collect();
    let first: Vec<&str> = candidates.iter().filter_map(|candidates| candidates.first()).map(String::as_str).collect();
    let mut taken: HashSet<String> = queries::taken_slugs(tx.conn(), &first)?.into_iter().collect();
    // The others are looked at only where the first is taken, by a product or by one of the batch.
    let mut seen = HashSet::new();
    let looked_at: Vec<bool> = candidates
        .iter()
        .map(|candidates| candidates.first().is_some_and(|first| taken.contains(first) || !seen.insert(first.as_str())))
        .collect();
    let unlucky = candidates.iter().zip(&looked_at).filter(|(_, looked_at)| **looked_at);
    let others: Vec<&str> = unlucky.flat_map(|(candidates, _)| candidates).map(String::as_str).collect();
    if !others.is_empty() {
        taken.extend(queries::taken_slugs(tx.conn(), &others)?);
    }
    let mut free = Vec::with_capacity(batch.len());
    for (candidates, looked_at) in candidates.into_iter().zip(looked_at) {
        // An earlier one may have had to take what is the first of this one.
        if !looked_at && candidates.first().is_some_and(|first| taken.contains(first)) {
            let others: Vec<&str> = candidates.iter().map(String::as_str).collect();
            taken.extend(queries::taken_slugs(tx.conn(), &others)?);
        }
        let found = candidates.into_iter().find(|candidate| !taken.contains(candidate));
        let found = found.ok_or_else(|| Failure::internal("no free slug"))?;
        taken.insert(found.clone());
        free.push(found);
    }
    Ok(free)
}
