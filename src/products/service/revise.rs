//! Products as another system has them now: for imports that come again.

mod plan;

use std::collections::{BTreeSet, HashMap, hash_map::Entry};

use self::plan::{Known, Plan};
pub use self::plan::{Refusal, Revised};
use super::{BulkVariant, Change, bulk::taken_meanwhile, settle::settle_each, tell_all, values};
use crate::{
    kernel::{error::Failure, id::Id},
    platform::db::Tx,
    products::{
        error::ProductError,
        model::{
            Category, Product, ProductStatus, Variant,
            attributes::{GivenAttribute, KindAttribute, ProductKind, StoredValue},
            prices::NewPrices,
        },
        queries::{self, ProductColumns, attributes, holds, prices, variants},
    },
};

/// What a product shall be; what is absent stays. The inner `None` clears.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Face {
    pub title: Option<String>,
    pub description: Option<String>,
    pub category: Option<Option<Id<Category>>>,
    pub status: Option<ProductStatus>,
    pub brand: Option<String>,
    /// In lower case, each once.
    pub tags: Option<Vec<String>>,
    pub product_kind: Option<Option<Id<ProductKind>>>,
    /// All of them, by attributes of the kind.
    pub attributes: Option<Vec<GivenAttribute>>,
    /// The names of all options. Where they are others than before, all variants are told about.
    pub options: Option<Vec<String>>,
}

/// What a variant shall be; what is absent stays. One with options is called by them, whatever the title.
#[derive(Debug, Clone)]
pub struct VariantFace {
    pub id: Id<Variant>,
    pub title: Option<String>,
    /// In minor units of the product's currency.
    pub price: Option<i64>,
    /// As the price: what it is compared with.
    pub compare_at: Option<Option<i64>>,
    /// A value for each option; looked at only where the options are said.
    pub values: Vec<String>,
    pub barcode: Option<Option<String>>,
    pub weight_grams: Option<Option<i32>>,
}

/// A product with those of its variants that are told about.
#[derive(Debug, Clone)]
pub struct Revision {
    pub product: Id<Product>,
    pub face: Face,
    pub variants: Vec<VariantFace>,
    pub new: Vec<BulkVariant>,
}

/// A step: brings products in line, each named once. Where everything is so already, nothing changes, versions neither, and
/// nobody is kept waiting. What cannot be is told of each variant, and the others are brought in line all the same.
///
/// # Errors
/// [`Failure::Contention`] if a SKU is not new; if there is no such product.
pub fn revise_products(tx: &mut Tx<'_>, revisions: &[Revision]) -> Result<Vec<Revised>, Failure> {
    let ids: Vec<_> = revisions.iter().map(|revision| revision.product).collect();
    let mut kinds = Kinds::default();
    let found = queries::by_ids(tx.conn(), &ids)?;
    let plans = plan(tx, &mut kinds, found, revisions)?;
    let differing: BTreeSet<_> = plans.iter().filter(|plan| plan.changes()).map(|plan| plan.product.card.id).collect();
    let mut revised: Vec<Revised> = plans.into_iter().map(|plan| plan.revised).collect();
    if differing.is_empty() {
        return Ok(revised);
    }
    // Looked at again: only under its lock a product stands still.
    let locked = queries::lock_products(tx, &differing.iter().copied().collect::<Vec<_>>())?;
    let (places, mut differing): (Vec<usize>, Vec<Revision>) =
        revisions.iter().cloned().enumerate().filter(|(_, revision)| differing.contains(&revision.product)).unzip();
    hold_back(tx, &mut differing)?;
    let plans = plan(tx, &mut kinds, locked, &differing)?;
    let again = write(tx, plans)?;
    for (place, now) in places.into_iter().zip(again) {
        if let Some(before) = revised.get_mut(place) {
            *before = now;
        }
    }
    Ok(revised)
}

/// Has locked products stay as they are that shall be for sale, and that the staff have hidden.
fn hold_back(tx: &mut Tx<'_>, revisions: &mut [Revision]) -> Result<(), Failure> {
    let is_shown = |revision: &&Revision| revision.face.status == Some(ProductStatus::Active);
    let shown: Vec<_> = revisions.iter().filter(is_shown).map(|revision| revision.product).collect();
    if shown.is_empty() {
        return Ok(());
    }
    let held = holds::held(tx.conn(), &shown)?;
    for revision in revisions.iter_mut().filter(|revision| held.contains(&revision.product)) {
        revision.face.status = None;
    }
    Ok(())
}

/// The attributes of kinds, looked up once.
type Kinds = HashMap<Id<ProductKind>, Vec<KindAttribute>>;

fn plan(
    tx: &mut Tx<'_>,
    kinds: &mut Kinds,
    products: Vec<Product>,
    revisions: &[Revision],
) -> Result<Vec<Plan>, Failure> {
    let ids: Vec<_> = products.iter().map(|product| product.card.id).collect();
    let mut siblings = HashMap::<_, Vec<Variant>>::new();
    for variant in variants::of_products(tx.conn(), &ids)? {
        siblings.entry(variant.product_id).or_default().push(variant);
    }
    let mut stored = HashMap::<_, Vec<StoredValue>>::new();
    for value in attributes::values_of(tx.conn(), &ids)? {
        stored.entry(value.product_id).or_default().push(value);
    }
    let mut products: HashMap<_, _> = products.into_iter().map(|product| (product.card.id, product)).collect();
    let mut plans = Vec::with_capacity(revisions.len());
    let says_compared = |told: &&VariantFace| told.compare_at.is_some();
    let told = revisions.iter().flat_map(|revision| &revision.variants).filter(says_compared).map(|told| told.id);
    let compared = prices::compared(tx.conn(), &told.collect::<Vec<_>>())?;
    for revision in revisions {
        let product = products.remove(&revision.product);
        let product = product.ok_or_else(|| Failure::internal("a product that is revised does not exist"))?;
        let kind = revision.face.product_kind.unwrap_or(product.details.product_kind_id);
        let known = Known {
            siblings: siblings.remove(&revision.product).unwrap_or_default(),
            stored: stored.remove(&revision.product).unwrap_or_default(),
            compared: &compared,
            of_kind: of_kind(tx, kinds, kind)?,
        };
        plans.push(Plan::of(product, &known, revision));
    }
    Ok(plans)
}

fn of_kind<'a>(
    tx: &mut Tx<'_>,
    kinds: &'a mut Kinds,
    kind: Option<Id<ProductKind>>,
) -> Result<&'a [KindAttribute], Failure> {
    let Some(id) = kind else { return Ok(&[]) };
    Ok(match kinds.entry(id) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(unknown) => unknown.insert(match values::attributes_of(tx, kind) {
            Ok(of_kind) => of_kind,
            Err(ProductError::Failed(failure)) => return Err(failure),
            Err(_) => Vec::new(),
        }),
    })
}

/// Writes what locked products come to.
fn write(tx: &mut Tx<'_>, plans: Vec<Plan>) -> Result<Vec<Revised>, Failure> {
    let now = tx.now();
    let (mut revised, mut changed, mut rows) = (Vec::with_capacity(plans.len()), Vec::new(), Vec::new());
    let (mut new, mut before, mut new_prices) = (Vec::new(), Vec::new(), HashMap::new());
    for plan in plans {
        let differs = plan.changes();
        let (id, was) = (plan.product.card.id, plan.product.card.status);
        let mut product = plan.product;
        if let Some(face) = &plan.face {
            // What is for sale does not wait to be.
            let publish_at = (face.status == Some(ProductStatus::Active)).then_some(None);
            let columns = ProductColumns {
                title: face.title.as_deref(),
                description: face.description.as_deref(),
                category_id: face.category,
                status: face.status,
                brand: face.brand.as_deref(),
                tags: face.tags.as_deref(),
                option_names: face.options.as_deref(),
                product_kind_id: face.product_kind,
                publish_at,
                ..ProductColumns::default()
            };
            product = queries::set_product(tx, id, &columns, now)?;
        }
        if let Some(values) = &plan.stored {
            attributes::set_values(tx, id, values)?;
        }
        if let Some(options) = &plan.options {
            let (ids, values): (Vec<_>, Vec<_>) = options.iter().cloned().unzip();
            let titles: Vec<String> = plan.titles.clone();
            variants::set_options(tx, id, &ids, &values, &titles)?;
        }
        rows.extend(plan.rows);
        let of_new = plan.new.iter().map(|variant| (variant.id, variant.compare_at));
        let compare_at = |(id, above)| (id, NewPrices { compare_at: Some(above), others: None });
        new_prices.extend(plan.compared.into_iter().chain(of_new).map(compare_at));
        let first = plan.next_ordinal;
        new.extend((first..).zip(plan.new).map(|(ordinal, variant)| (ordinal, variant, product.clone())));
        if differs {
            changed.push(product);
            before.push((was, plan.aspects));
        }
        revised.push(plan.revised);
    }
    rows.chunks(ROWS).try_for_each(|rows| variants::revise(tx, rows))?;
    let new: Vec<_> = new
        .iter()
        .map(|(ordinal, variant, product)| variants::NewVariant {
            id: variant.id,
            product_id: product.card.id,
            shop_id: product.card.shop_id,
            sku: &variant.sku,
            title: &variant.title,
            ordinal: *ordinal,
            currency: product.card.currency,
            price: variant.price,
            option_values: &variant.options,
            barcode: variant.barcode.as_deref(),
            weight_grams: variant.weight_grams,
            created_at: now,
        })
        .collect();
    new.chunks(ROWS).try_for_each(|rows| variants::insert_all(tx, rows)).map_err(taken_meanwhile)?;
    settle_each(tx, &changed, &new_prices, |_| now)?;
    for (changed, before) in changed.chunks(ROWS).zip(before.chunks(ROWS)) {
        let told = changed.iter().zip(before);
        tell_all(tx, told.map(|(product, (was, aspects))| Change { product, was: *was, aspects }))?;
    }
    Ok(revised)
}

/// Rows of one statement.
const ROWS: usize = 1_000;
