//! What files call products.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        db::{Conn, Tx},
        import::{BATCH, keys},
    },
    porting::model::ProductRecord,
    products::{self, model::Product},
    shops::model::Shop,
};

/// The kind of the keys that files call products by.
const KIND: &str = "PRODUCT";

/// What the keys of a shop's files are called.
pub fn source(shop: &Shop) -> String {
    format!("products/{}", shop.handle)
}

/// A step: what a shop's products are called in its files. It stays, whatever they are called in URLs later.
pub fn handles(conn: &mut Conn, shop: &Shop, products: &[&Product]) -> Result<Vec<String>, Failure> {
    let source = source(shop);
    let ids: Vec<Uuid> = products.iter().map(|product| product.card.id.uuid()).collect();
    let names = keys::names(conn, &source, KIND, &ids)?;
    let slugs: BTreeSet<&str> = products.iter().map(|product| product.card.slug.as_str()).collect();
    let taken: BTreeMap<String, Uuid> = keys::find(conn, &source, KIND, &slugs)?.into_iter().collect();
    let handle = |product: &&Product| match (names.get(&product.card.id.uuid()), taken.get(&product.card.slug)) {
        (Some(name), _) => name.clone(),
        (None, None) => product.card.slug.clone(),
        // Its slug is what a file calls another product.
        (None, Some(_)) => product.card.id.to_string(),
    };
    Ok(products.iter().map(handle).collect())
}

/// A step: remembers what files call products.
pub fn bind(tx: &mut Tx<'_>, source: &str, names: &[(String, Id<Product>)]) -> Result<(), Failure> {
    let names: Vec<(&str, Uuid)> = names.iter().map(|(name, id)| (name.as_str(), id.uuid())).collect();
    names.chunks(BATCH).try_for_each(|names| keys::bind(tx, source, KIND, names))
}

/// What the handles stand for: what a file was told before, or else what is called so in the shop's URLs.
pub fn named(
    tx: &mut Tx<'_>,
    shop: &Shop,
    source: &str,
    records: &[&ProductRecord],
) -> Result<BTreeMap<String, Named>, Failure> {
    let handles: BTreeSet<&str> = records.iter().filter_map(|record| record.handle.as_deref()).collect();
    let bound = keys::find(tx.conn(), source, KIND, &handles)?;
    let mut named: BTreeMap<String, Named> =
        bound.into_iter().map(|(name, id)| (name, Named { product: Id::from_uuid(id), is_bound: true })).collect();
    let others: Vec<&str> = handles.into_iter().filter(|handle| !named.contains_key(*handle)).collect();
    for (slug, product) in products::service::products_by_slugs(tx.conn(), shop.id, &others)? {
        named.insert(slug, Named { product, is_bound: false });
    }
    Ok(named)
}

/// What a handle stands for.
#[derive(Debug, Clone, Copy)]
pub struct Named {
    pub product: Id<Product>,
    /// Whether that is remembered already.
    pub is_bound: bool,
}
