//! One batch of records, written in one transaction.

mod handles;
mod plan;
mod words;

use std::collections::HashMap;

pub use self::handles::handles;
use self::{
    handles::{named, source},
    plan::Plan,
    words::Words,
};
use crate::{
    kernel::id::Id,
    platform::{db::Tx, import::keys},
    porting::{
        error::PortingError,
        model::{ProductRecord, UnknownCategory},
    },
    products::{
        self,
        model::{Product, Variant},
    },
    shops::model::Shop,
};

/// What became of a variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Created,
    Updated,
    Unchanged,
    Rejected(String),
}

/// What became of a batch.
#[derive(Debug, Default, Clone)]
pub struct Written {
    /// Of each variant of each record, in their order.
    pub changes: Vec<Change>,
    /// Records whose category the market does not have.
    pub without_category: u64,
    /// Images that are to be fetched now, and those that there was no room for.
    pub images: u64,
    pub images_left_out: u64,
}

/// Where records go.
pub struct Destination<'a> {
    pub shop: &'a Shop,
    pub unknown_category: UnknownCategory,
    /// Where the market is; what is below it is here already.
    pub public_url: &'a str,
}

/// A step: writes what is new or different. Neither a SKU nor a handle comes twice. What comes of records of one product does
/// not depend on whether they are in one batch: those that say other things of it are written after each other.
pub fn write(
    tx: &mut Tx<'_>,
    destination: &Destination<'_>,
    records: &[&ProductRecord],
) -> Result<Written, PortingError> {
    let shop = destination.shop;
    let source = source(shop);
    keys::begin(tx, &source)?;
    let skus: Vec<&str> =
        records.iter().flat_map(|record| &record.variants).map(|variant| variant.sku.as_str()).collect();
    let known = products::service::variants_by_skus(tx.conn(), shop.id, &skus)?;
    let known: HashMap<&str, &Variant> = known.iter().map(|variant| (variant.sku.as_str(), variant)).collect();
    let named = named(tx, shop, &source, records)?;
    let begin = || Plan::new(shop, &known, &named);
    // Products are listed by their ids where they were made at the same time: in the order of the file.
    let mut ids: Vec<Id<Product>> = records.iter().map(|_| tx.new_id()).collect();
    ids.sort_unstable();
    let mut words = Words::of(tx, records, destination.unknown_category)?;
    let (mut plan, mut written) = (begin(), Written::default());
    for (record, id) in records.iter().zip(ids) {
        match words.said(tx, record)? {
            Ok(said) => {
                if plan.is_to_be_written_before(record, &said) {
                    std::mem::replace(&mut plan, begin()).write(tx, destination, &mut written)?;
                }
                plan.take(tx, record, id, said);
            }
            Err(reason) => plan.reject(record, &reason),
        }
    }
    plan.write(tx, destination, &mut written)?;
    written.without_category = words.without_category;
    Ok(written)
}
