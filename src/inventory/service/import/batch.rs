//! One batch of rows, written in one transaction.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{super::receive, parse::Item};
use crate::{
    inventory::error::StockError,
    kernel::id::Id,
    platform::{db::Tx, import::keys},
    products::{
        self,
        error::ProductError,
        model::{Category, MAXIMUM_VARIANTS, Product, ProductStatus, Variant},
        service::{BulkProduct, BulkVariant, Face, Revision, Specification, VariantFace},
    },
    shops::model::Shop,
};

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Created,
    Updated,
    Unchanged,
    Rejected(&'static str),
}

const KIND: &str = "PRODUCT";
const TOO_MANY: &str = "a product has at most 100 variants";
const INCOMPLETE: &str = "status: the product lacks what its kind requires";
const HAS_OPTIONS: &str = "the product has options, for which the row has no columns";

/// A step: writes what is new or different. No SKU comes twice. Tells what became of each item, in their order.
pub fn write(tx: &mut Tx<'_>, shop: &Shop, source: &str, items: &[&Item]) -> Result<Vec<Change>, StockError> {
    keys::lock(tx, source)?;
    let skus: Vec<&str> = items.iter().map(|item| item.sku.as_str()).collect();
    let variants = products::service::variants_by_skus(tx.conn(), shop.id, &skus)?;
    let variants: HashMap<&str, &Variant> = variants.iter().map(|variant| (variant.sku.as_str(), variant)).collect();
    let names: BTreeSet<&str> = items.iter().filter_map(|item| item.product.as_deref()).collect();
    let mut plan = Plan {
        named: keys::find(tx, source, KIND, &names)?.into_iter().map(|(name, id)| (name, Id::from_uuid(id))).collect(),
        ..Plan::default()
    };
    let categories = categories(tx, items)?;

    let mut changes = Vec::with_capacity(items.len());
    for (place, item) in items.iter().enumerate() {
        let face = Face {
            title: item.face.title.clone(),
            description: item.face.description.clone(),
            category: item.face.category.as_ref().map(|name| categories.get(name.as_deref()?).copied()),
            status: item.face.status,
        };
        let change = match variants.get(item.sku.as_str()) {
            Some(variant) => plan.known(place, item, variant, face),
            None => plan.new_variant(tx, place, item, shop, face),
        };
        changes.push(change);
    }
    let names: Vec<(&str, uuid::Uuid)> = plan.names.iter().map(|(name, id)| (name.as_str(), id.uuid())).collect();
    keys::bind(tx, source, KIND, &names)?;
    let new: Vec<BulkProduct> = plan.new.into_values().collect();
    products::service::add_products(tx, &new)?;
    for (product, planned) in &mut plan.revisions {
        let revised = loop {
            let error = match products::service::revise_product(tx, *product, &planned.revision) {
                Ok(revised) => break revised,
                Err(error) => error,
            };
            // Nothing of it is written. Without the rows that are rejected there is less to refuse, in the end nothing.
            let rejected: Vec<_> = planned.new.drain(..).collect();
            let reason = match error {
                ProductError::TooManyVariants { .. } if !rejected.is_empty() => TOO_MANY,
                ProductError::InvalidOptions { .. } if !rejected.is_empty() => HAS_OPTIONS,
                ProductError::Missing { .. } => {
                    reject(&mut changes, &std::mem::take(&mut planned.places), INCOMPLETE);
                    INCOMPLETE
                }
                error => return Err(error.into()),
            };
            plan.received.retain(|(received, _)| rejected.iter().all(|(variant, _)| variant != received));
            reject(&mut changes, &rejected, reason);
            planned.revision.new.clear();
            // A later row of a product has the face of the first one.
            if rejected.iter().any(|(_, place)| *place == planned.first)
                && let Some((_, place)) = planned.places.first()
            {
                planned.first = *place;
            }
            if planned.places.is_empty() {
                planned.revision = Revision::default();
            }
        };
        for (variant, place) in &planned.places {
            let is_changed = revised.variants.contains(variant) || (revised.face && *place == planned.first);
            if let Some(change) = changes.get_mut(*place).filter(|_| is_changed) {
                *change = Change::Updated;
            }
        }
    }
    if !plan.received.is_empty() {
        receive(tx, shop.id, &plan.received)?;
    }
    Ok(changes)
}

fn reject(changes: &mut [Change], rows: &[(Id<Variant>, usize)], reason: &'static str) {
    for (_, place) in rows {
        if let Some(change) = changes.get_mut(*place) {
            *change = Change::Rejected(reason);
        }
    }
}

fn categories(tx: &mut Tx<'_>, items: &[&Item]) -> Result<BTreeMap<String, Id<Category>>, StockError> {
    let names: BTreeSet<&str> = items.iter().filter_map(|item| item.face.category.as_ref()?.as_deref()).collect();
    let mut categories = BTreeMap::new();
    for name in names {
        categories.insert(name.to_owned(), products::service::category_named(tx, name)?);
    }
    Ok(categories)
}

/// What the rows of a batch come to.
#[derive(Default)]
struct Plan {
    /// What the other system's names of products stand for.
    named: BTreeMap<String, Id<Product>>,
    /// Those of them that are new.
    names: Vec<(String, Id<Product>)>,
    new: BTreeMap<Id<Product>, BulkProduct>,
    revisions: BTreeMap<Id<Product>, Planned>,
    received: Vec<(Id<Variant>, i32)>,
}

struct Planned {
    revision: Revision,
    /// The row that says what the product is.
    first: usize,
    /// Rows of variants that are here.
    places: Vec<(Id<Variant>, usize)>,
    /// Rows of variants that are new.
    new: Vec<(Id<Variant>, usize)>,
}

impl Plan {
    fn known(&mut self, place: usize, item: &Item, variant: &Variant, face: Face) -> Change {
        if let Some(name) = &item.product {
            match self.named.get(name) {
                Some(product) if *product != variant.product_id => {
                    return Change::Rejected("the SKU belongs to another product");
                }
                Some(_) => {}
                None => self.name(name, variant.product_id),
            }
        }
        let planned = self.revision(variant.product_id, place, face);
        planned.places.push((variant.id, place));
        let (title, price) = (item.variant_title.clone(), item.price);
        planned.revision.variants.push(VariantFace { id: variant.id, title, price });
        Change::Unchanged
    }

    fn new_variant(&mut self, tx: &Tx<'_>, place: usize, item: &Item, shop: &Shop, face: Face) -> Change {
        let Some(price) = item.price else { return Change::Rejected("something new needs a price") };
        let title = item.variant_title.clone().unwrap_or_default();
        let variant = BulkVariant { id: tx.new_id(), sku: item.sku.clone(), title, options: Vec::new(), price };
        let received = (variant.id, item.quantity);
        let named = item.product.as_ref().and_then(|name| self.named.get(name)).copied();
        if let Some(product) = named {
            match self.new.get_mut(&product) {
                Some(product) if product.variants.len() >= MAXIMUM_VARIANTS => return Change::Rejected(TOO_MANY),
                Some(product) => product.variants.push(variant),
                None => {
                    let planned = self.revision(product, place, face);
                    planned.new.push((variant.id, place));
                    planned.revision.new.push(variant);
                }
            }
        } else {
            let Some(title) = face.title else { return Change::Rejected("something new needs a title") };
            let id = tx.new_id();
            if let Some(name) = &item.product {
                self.name(name, id);
            }
            let product = BulkProduct {
                id,
                shop: shop.id,
                category: face.category.flatten(),
                title,
                description: face.description.unwrap_or_default(),
                status: face.status.unwrap_or(ProductStatus::Active),
                specification: Specification::default(),
                currency: shop.currency,
                sold_count: 0,
                created_at: tx.now(),
                variants: vec![variant],
            };
            self.new.insert(id, product);
        }
        self.received.push(received);
        Change::Created
    }

    fn name(&mut self, name: &str, product: Id<Product>) {
        self.named.insert(name.to_owned(), product);
        self.names.push((name.to_owned(), product));
    }

    fn revision(&mut self, product: Id<Product>, place: usize, face: Face) -> &mut Planned {
        self.revisions.entry(product).or_insert_with(|| Planned {
            revision: Revision { face, ..Revision::default() },
            first: place,
            places: Vec::new(),
            new: Vec::new(),
        })
    }
}
