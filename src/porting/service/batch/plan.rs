//! What the records of a batch come to.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
};

use super::{
    Change, Destination, Written,
    handles::{Named, bind, source},
    words::Meant,
};
use crate::{
    inventory,
    kernel::{id::Id, text},
    platform::db::Tx,
    porting::{
        error::PortingError,
        model::{ProductRecord, VariantRecord},
        service::images::{self, Wanted},
    },
    products::{
        self,
        model::{Product, ProductStatus, Variant, options},
        service::{BulkProduct, BulkVariant, Face, Refusal, Revision, Specification, VariantFace},
    },
    shops::model::Shop,
};

const OF_ANOTHER: &str = "the SKU belongs to another product";

/// What the records of a batch come to.
pub struct Plan<'a> {
    shop: &'a Shop,
    known: &'a HashMap<&'a str, &'a Variant>,
    /// What handles stand for.
    named: &'a BTreeMap<String, Named>,
    /// Those of them that are to be remembered.
    names: Vec<(String, Id<Product>)>,
    new: Vec<BulkProduct>,
    revisions: Vec<Planned>,
    /// Where the revision of a product is.
    places: HashMap<Id<Product>, usize>,
    received: Vec<(Id<Variant>, i32)>,
    changes: Vec<Change>,
    /// Products with the records whose images they shall show.
    shown: Vec<Shown<'a>>,
}

/// A record of a product, and which changes are those of its variants.
struct Shown<'a> {
    product: Id<Product>,
    record: &'a ProductRecord,
    changes: Range<usize>,
}

struct Planned {
    revision: Revision,
    /// Which changes are those of its variants, and of the new ones.
    told: Vec<usize>,
    new: Vec<(usize, i32)>,
}

impl<'a> Plan<'a> {
    pub fn new(shop: &'a Shop, known: &'a HashMap<&'a str, &'a Variant>, named: &'a BTreeMap<String, Named>) -> Self {
        Self {
            shop,
            known,
            named,
            names: Vec::new(),
            new: Vec::new(),
            revisions: Vec::new(),
            places: HashMap::new(),
            received: Vec::new(),
            changes: Vec::new(),
            shown: Vec::new(),
        }
    }

    pub fn reject(&mut self, record: &ProductRecord, reason: &str) {
        self.changes.extend(record.variants.iter().map(|_| Change::Rejected(reason.to_owned())));
    }

    /// Whether this has a record of the same product that says other things of it. Of options each record tells by itself:
    /// whether they can be as it says depends on which variants it has.
    pub fn is_to_be_written_before(&self, record: &ProductRecord, meant: &Meant) -> bool {
        let place = self.product_of(record).and_then(|product| self.places.get(&product));
        place.and_then(|place| self.revisions.get(*place)).is_some_and(|planned| {
            let (before, face) = (&planned.revision.face, face(record, meant));
            before.options.is_some() || face.options.is_some() || (face != *before && face != Face::default())
        })
    }

    /// The product of a record that is here already. The first row says which it is.
    fn product_of(&self, record: &ProductRecord) -> Option<Id<Product>> {
        let named = record.handle.as_ref().and_then(|handle| self.named.get(handle));
        let by_sku = || self.known.get(record.variants.first()?.sku.as_str()).map(|variant| variant.product_id);
        named.map(|named| named.product).or_else(by_sku)
    }

    pub fn take(&mut self, tx: &Tx<'_>, record: &'a ProductRecord, id: Id<Product>, meant: Meant) {
        // What is said of a product in rows of which none is taken is not taken either.
        if record.variants.is_empty() {
            return;
        }
        match self.product_of(record) {
            Some(product) => {
                let named = record.handle.as_ref().map(|handle| (handle, self.named.get(handle)));
                if let Some((handle, None | Some(Named { is_bound: false, .. }))) = named {
                    self.names.push((handle.clone(), product));
                }
                let first = self.changes.len();
                self.known_product(tx, record, product, &meant);
                self.shown.push(Shown { product, record, changes: first..self.changes.len() });
            }
            None => self.new_product(tx, record, id, meant),
        }
    }

    fn known_product(&mut self, tx: &Tx<'_>, record: &ProductRecord, product: Id<Product>, meant: &Meant) {
        let place = *self.places.entry(product).or_insert_with(|| {
            let revision = Revision { product, face: face(record, meant), variants: Vec::new(), new: Vec::new() };
            self.revisions.push(Planned { revision, told: Vec::new(), new: Vec::new() });
            self.revisions.len() - 1
        });
        let Some(planned) = self.revisions.get_mut(place) else { return };
        for variant in &record.variants {
            let change = self.changes.len();
            self.changes.push(match (self.known.get(variant.sku.as_str()), variant.price) {
                (Some(known), _) if known.product_id != product => Change::Rejected(OF_ANOTHER.into()),
                (Some(known), price) => {
                    planned.told.push(change);
                    planned.revision.variants.push(VariantFace {
                        id: known.id,
                        title: variant.title.clone(),
                        price,
                        compare_at: variant.compare_at,
                        values: variant.values.clone(),
                        barcode: variant.barcode.clone(),
                        weight_grams: variant.weight_grams,
                    });
                    Change::Unchanged
                }
                (None, None) => Change::Rejected("something new needs a price".into()),
                (None, Some(price)) => {
                    planned.new.push((change, variant.quantity.unwrap_or_default()));
                    planned.revision.new.push(bulk(tx, variant, price));
                    Change::Created
                }
            });
        }
    }

    fn new_product(&mut self, tx: &Tx<'_>, record: &'a ProductRecord, id: Id<Product>, meant: Meant) {
        let status = record.status.unwrap_or(ProductStatus::Active);
        let Some(title) = &record.title else { return self.reject(record, "something new needs a title") };
        if status == ProductStatus::Active && !meant.is_complete {
            return self.reject(record, Refusal::Incomplete.reason());
        }
        let names = record.options.clone().unwrap_or_default();
        let mut variants: Vec<BulkVariant> = Vec::with_capacity(record.variants.len());
        let first = self.changes.len();
        for variant in &record.variants {
            let is_taken = self.known.contains_key(variant.sku.as_str());
            let new = if is_taken { Err(OF_ANOTHER) } else { new_variant(tx, variant, &names, &variants) };
            let change = match new {
                Ok(new) => {
                    self.received.push((new.id, variant.quantity.unwrap_or_default()));
                    variants.push(new);
                    Change::Created
                }
                Err(reason) => Change::Rejected(reason.into()),
            };
            self.changes.push(change);
        }
        if variants.is_empty() {
            return;
        }
        self.shown.push(Shown { product: id, record, changes: first..self.changes.len() });
        if let Some(handle) = &record.handle {
            self.names.push((handle.clone(), id));
        }
        // A number is no name of a page.
        let is_name =
            |handle: &&String| text::is_slug(handle) && handle.contains(|letter: char| letter.is_alphabetic());
        self.new.push(BulkProduct {
            id,
            shop: self.shop.id,
            category: meant.category.flatten(),
            slug: record.handle.as_ref().filter(is_name).cloned(),
            title: title.clone(),
            description: record.description.clone().unwrap_or_default(),
            brand: record.brand.clone().unwrap_or_default(),
            status,
            specification: Specification {
                tags: record.tags.clone().unwrap_or_default(),
                product_kind: meant.kind.flatten(),
                attributes: meant.attributes.unwrap_or_default(),
                options: names,
            },
            currency: self.shop.currency,
            sold_count: 0,
            created_at: tx.now(),
            variants,
        });
    }

    /// Writes all of it, and adds what became of it to what was written before.
    pub fn write(
        mut self,
        tx: &mut Tx<'_>,
        destination: &Destination<'_>,
        written: &mut Written,
    ) -> Result<(), PortingError> {
        bind(tx, &source(self.shop), &self.names)?;
        products::service::add_products(tx, &self.new)?;
        self.revise(tx)?;
        if !self.received.is_empty() {
            inventory::service::receive(tx, self.shop.id, &self.received)?;
        }
        let is_taken = |shown: &&Shown<'_>| {
            let mut changes = self.changes.get(shown.changes.clone()).unwrap_or_default().iter();
            changes.any(|change| !matches!(change, Change::Rejected(_)))
        };
        let shown: Vec<_> = self.shown.iter().filter(is_taken).map(|shown| (shown.product, shown.record)).collect();
        let Wanted { new, left_out, variants } = images::want(tx, destination, &shown)?;
        written.images += new;
        written.images_left_out += left_out;
        for shown in &self.shown {
            for (change, variant) in shown.changes.clone().zip(&shown.record.variants) {
                if variants.contains(&variant.sku)
                    && let Some(change @ Change::Unchanged) = self.changes.get_mut(change)
                {
                    *change = Change::Updated;
                }
            }
        }
        written.changes.append(&mut self.changes);
        Ok(())
    }

    /// Brings what is here in line, and tells what became of it.
    fn revise(&mut self, tx: &mut Tx<'_>) -> Result<(), PortingError> {
        let (revisions, places): (Vec<Revision>, Vec<_>) = std::mem::take(&mut self.revisions)
            .into_iter()
            .map(|planned| (planned.revision, (planned.told, planned.new)))
            .unzip();
        let revised = products::service::revise_products(tx, &revisions)?;
        for ((revision, (told, new)), revised) in revisions.iter().zip(places).zip(revised) {
            let mut has_new_face = revised.face;
            for (place, outcome) in told.into_iter().zip(revised.variants) {
                // That the product is another is told of the first of its rows.
                let is_first = outcome.is_ok() && std::mem::take(&mut has_new_face);
                let change = match outcome {
                    Ok(differs) if differs || is_first => Change::Updated,
                    Ok(_) => Change::Unchanged,
                    Err(refusal) => Change::Rejected(refusal.reason().into()),
                };
                self.set(place, change);
            }
            for (((place, quantity), variant), outcome) in new.into_iter().zip(&revision.new).zip(revised.new) {
                match outcome {
                    Ok(()) => self.received.push((variant.id, quantity)),
                    Err(refusal) => self.set(place, Change::Rejected(refusal.reason().into())),
                }
            }
        }
        Ok(())
    }

    fn set(&mut self, place: usize, change: Change) {
        if let Some(known) = self.changes.get_mut(place) {
            *known = change;
        }
    }
}

/// What a record says of a product that is here already.
fn face(record: &ProductRecord, meant: &Meant) -> Face {
    Face {
        title: record.title.clone(),
        description: record.description.clone(),
        category: meant.category,
        status: record.status,
        brand: record.brand.clone(),
        tags: record.tags.clone(),
        product_kind: meant.kind,
        attributes: meant.attributes.clone(),
        options: record.options.clone(),
    }
}

fn bulk(tx: &Tx<'_>, variant: &VariantRecord, price: i64) -> BulkVariant {
    BulkVariant {
        id: tx.new_id(),
        sku: variant.sku.clone(),
        title: variant.title.clone().unwrap_or_default(),
        options: variant.values.clone(),
        price,
        compare_at: variant.compare_at.flatten(),
        barcode: variant.barcode.clone().flatten(),
        weight_grams: variant.weight_grams.flatten(),
    }
}

/// A variant of a new product that has these already.
fn new_variant(
    tx: &Tx<'_>,
    variant: &VariantRecord,
    names: &[String],
    others: &[BulkVariant],
) -> Result<BulkVariant, &'static str> {
    let mut new = bulk(tx, variant, variant.price.ok_or("something new needs a price")?);
    if new.options.len() != names.len() {
        return Err(Refusal::NoOptions.reason());
    }
    if others.len() >= products::model::MAXIMUM_VARIANTS {
        return Err(Refusal::TooMany.reason());
    }
    if !names.is_empty() {
        let before = others.iter().map(|other| other.options.as_slice());
        options::spell_alike(&mut new.options, before.clone());
        if before.clone().any(|options| products::service::check::same_options([options, &new.options]).is_some()) {
            return Err(Refusal::SameOptions.reason());
        }
        new.title = options::title(&new.options);
    }
    Ok(new)
}
