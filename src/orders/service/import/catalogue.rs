//! The first reading: which goods there are, what they are called and what they cost.

use std::collections::{BTreeMap, HashMap};

use super::retail::{CURRENCY, Kind, Line};
use crate::{
    inventory,
    kernel::{error::Failure, id::Id},
    platform::{clock::Time, db::Tx},
    products::{
        self,
        model::{Product, ProductStatus, Variant},
        service::{BulkProduct, BulkVariant, Specification},
    },
    shops::model::Shop,
};

/// What the file tells about the goods of each code. It grows with the catalogue, not with the sales.
#[derive(Default)]
pub struct Catalogue(BTreeMap<String, Seen>);

#[derive(Default)]
struct Seen {
    /// Each description and how many lines have it, in the order in which they first came.
    descriptions: Vec<(String, u64)>,
    /// The price of the newest sale; of returns only where nothing was sold.
    price: Option<(bool, Time, i64)>,
}

impl Catalogue {
    /// Takes note of a line.
    pub fn see(&mut self, line: &Line) {
        if !line.is_goods {
            return;
        }
        let seen = self.0.entry(line.code.clone()).or_default();
        if !line.description.is_empty() {
            match seen.descriptions.iter_mut().find(|(known, _)| *known == line.description) {
                Some((_, count)) => *count += 1,
                None => seen.descriptions.push((line.description.clone(), 1)),
            }
        }
        let price = (line.kind == Kind::Sale, line.at, line.unit_price);
        if seen.price.is_none_or(|known| (known.0, known.1) <= (price.0, price.1)) {
            seen.price = Some(price);
        }
    }

    /// The goods by their codes, in the codes' order.
    pub fn into_goods(self) -> Vec<Goods> {
        let goods = |(code, seen): (String, Seen)| {
            // The first of those that are most frequent.
            let most = seen.descriptions.into_iter().rev().max_by_key(|(_, count)| *count);
            let title = most.map_or_else(|| code.clone(), |(description, _)| description);
            Goods { title, price: seen.price.map_or(0, |(_, _, price)| price), code }
        };
        self.0.into_iter().map(goods).collect()
    }
}

/// Something that lies on a shelf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goods {
    pub code: String,
    pub title: String,
    /// Minor units.
    pub price: i64,
}

/// What a code stands for in the market.
#[derive(Debug, Clone)]
pub struct Article {
    pub product: Id<Product>,
    pub variant: Id<Variant>,
    pub title: String,
}

pub type Articles = HashMap<String, Article>;

/// A step: makes those of the goods that the shop has no SKU of, each with `stock` pieces. Yields all of them, and how many
/// are new.
pub fn put_on_shelf(tx: &mut Tx<'_>, shop: Id<Shop>, stock: i32, goods: &[Goods]) -> Result<(Articles, u64), Failure> {
    let skus: Vec<&str> = goods.iter().map(|goods| goods.code.as_str()).collect();
    let known = products::service::variants_by_skus(tx.conn(), shop, &skus)?;
    let mut ids: HashMap<String, (Id<Product>, Id<Variant>)> =
        known.into_iter().map(|variant| (variant.sku, (variant.product_id, variant.id))).collect();
    let mut new = Vec::new();
    for goods in goods {
        if !ids.contains_key(&goods.code) {
            let (product, variant) = (tx.new_id(), tx.new_id());
            new.push(BulkProduct {
                id: product,
                shop,
                category: None,
                slug: None,
                title: goods.title.clone(),
                description: String::new(),
                brand: String::new(),
                status: ProductStatus::Active,
                specification: Specification::default(),
                currency: CURRENCY,
                sold_count: 0,
                created_at: tx.now(),
                variants: vec![BulkVariant {
                    id: variant,
                    sku: goods.code.clone(),
                    title: String::new(),
                    options: Vec::new(),
                    price: goods.price,
                    compare_at: None,
                    barcode: None,
                    weight_grams: None,
                }],
            });
            ids.insert(goods.code.clone(), (product, variant));
        }
    }
    products::service::add_products(tx, &new)?;
    let received: Vec<(Id<Variant>, i32)> =
        new.iter().flat_map(|product| &product.variants).map(|variant| (variant.id, stock)).collect();
    if !received.is_empty() {
        inventory::service::receive(tx, shop, &received)?;
    }
    let article = |goods: &Goods| {
        let (product, variant) = *ids.get(&goods.code)?;
        Some((goods.code.clone(), Article { product, variant, title: goods.title.clone() }))
    };
    Ok((goods.iter().filter_map(article).collect(), new.len().try_into().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(code: &str, description: &str, minute: u32, unit_price: i64, kind: Kind) -> Line {
        Line {
            kind,
            invoice: "1".into(),
            ordinal: 1,
            code: code.into(),
            is_goods: code != "POST",
            description: description.into(),
            quantity: 1,
            unit_price,
            total: unit_price,
            at: format!("2010-12-01T10:{minute:02}:00Z").parse().unwrap(),
            customer: None,
            country: None,
        }
    }

    #[test]
    fn the_most_frequent_description_and_the_newest_price_of_a_sale_win() {
        let mut catalogue = Catalogue::default();
        for line in [
            line("A", "first", 3, 300, Kind::Sale),
            line("A", "second", 1, 100, Kind::Sale),
            line("A", "", 9, 900, Kind::Return),
            line("B", "wrong", 1, 1, Kind::Return),
            line("B", "right", 2, 2, Kind::Return),
            line("B", "right", 2, 3, Kind::Return),
            line("C", "", 1, 5, Kind::Sale),
            line("POST", "POSTAGE", 1, 5, Kind::Sale),
        ] {
            catalogue.see(&line);
        }
        let goods = |code: &str, title: &str, price| Goods { code: code.into(), title: title.into(), price };
        assert_eq!(catalogue.into_goods(), [goods("A", "first", 300), goods("B", "right", 3), goods("C", "C", 5)]);
    }
}
