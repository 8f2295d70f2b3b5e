//! What is for sale in the demo market: where it stands, and how much of it there is.

use std::collections::BTreeMap;

use super::{BETWEEN_PRODUCTS, OPENED, homeware::Homeware, known};
use crate::{
    demo::{
        error::DemoError,
        model::{CATEGORIES, Goods, HEARTS, option_of, pieces},
    },
    inventory::{self, model::StockRule, service::MoveStock},
    kernel::{
        error::Failure,
        id::Id,
        money::{CurrencyCode, Money},
    },
    platform::db::Tx,
    products::{
        self,
        model::{Category, Product, ProductStatus, Variant},
        service::{BulkProduct, BulkVariant, Specification},
    },
    shops::model::Shop,
};

/// What is for sale, by SKU.
pub(super) type Shelf<'a> = BTreeMap<&'a str, (Id<Product>, Id<Variant>, Money)>;

/// All products with their stock. New ones of all shops came in turn.
pub(super) fn fill<'a>(
    tx: &mut Tx<'_>,
    shops: &BTreeMap<&'static str, Id<Shop>>,
    goods: &'a [Goods],
) -> Result<Shelf<'a>, DemoError> {
    let categories = categories(tx)?;
    let homeware = Homeware::add(tx)?;
    let families: Vec<&[Goods]> = goods.chunk_by(Goods::is_sibling).collect();
    let count = i32::try_from(families.len()).map_err(Failure::internal)?;
    let mut shelf = Shelf::new();
    let mut received: BTreeMap<Id<Shop>, Vec<(Id<Variant>, i32)>> = BTreeMap::new();
    let mut rows = Vec::with_capacity(families.len());
    for (number, family) in (0..).zip(families) {
        let Some(first) = family.first() else { continue };
        let shop = known(shops, &first.shop)?;
        // A step that shares no factor with the count visits every place once.
        let created_at = OPENED + BETWEEN_PRODUCTS * (number * 77 % count);
        let id = tx.generator().id(created_at);
        let names: Vec<&str> = family.iter().map(|goods| goods.variant.as_str()).collect();
        let options = if family.len() > 1 { vec![option_of(&names).to_owned()] } else { Vec::new() };
        let mut variants = Vec::with_capacity(family.len());
        for goods in family {
            let variant = tx.generator().id(created_at);
            let price = goods.price().ok_or_else(|| DemoError::Goods(format!("the price of {}", goods.sku)))?;
            variants.push(BulkVariant {
                id: variant,
                sku: goods.sku.clone(),
                title: goods.variant.clone(),
                options: options.iter().map(|_| goods.variant.clone()).collect(),
                price: price.minor,
                compare_at: None,
                barcode: None,
                weight_grams: None,
            });
            shelf.insert(&goods.sku, (id, variant, price));
            received.entry(shop).or_default().push((variant, goods.stock));
        }
        rows.push(BulkProduct {
            id,
            shop,
            category: categories.get(first.category.as_str()).copied(),
            slug: None,
            title: first.title.clone(),
            description: String::new(),
            brand: String::new(),
            status: ProductStatus::Active,
            specification: Specification {
                tags: if pieces(&first.title).is_some() { vec!["set".into()] } else { Vec::new() },
                product_kind: Some(homeware.id),
                attributes: homeware.said(&first.title),
                options,
            },
            currency: CurrencyCode::GBP,
            sold_count: family.iter().map(|goods| goods.sold).sum(),
            created_at,
            variants,
        });
    }
    products::service::add_products(tx, &rows)?;
    for (shop, received) in received {
        inventory::service::receive(tx, shop, &received)?;
    }
    Ok(shelf)
}

/// The tree of categories, by name.
fn categories(tx: &mut Tx<'_>) -> Result<BTreeMap<&'static str, Id<Category>>, DemoError> {
    let mut categories = BTreeMap::new();
    for (top, below) in &CATEGORIES {
        let parent = products::service::add_category(tx, top, None)?.id;
        categories.insert(*top, parent);
        for name in *below {
            categories.insert(*name, products::service::add_category(tx, name, Some(parent))?.id);
        }
    }
    Ok(categories)
}

/// A second place of a shop with something in it, something that can be ordered before it is there, and something that is low.
pub(super) fn add_barn(tx: &mut Tx<'_>, shop: Id<Shop>, goods: &[Goods], shelf: &Shelf<'_>) -> Result<(), DemoError> {
    let from = inventory::service::default_location(tx, shop)?.id;
    let to = inventory::service::add_location(tx, shop, "Barn")?;
    let plenty = goods.iter().filter(|goods| goods.shop == HEARTS && goods.stock >= 20).take(3);
    for (number, goods) in plenty.enumerate() {
        let (_, variant, _) = known(shelf, &goods.sku)?;
        if number == 0 {
            inventory::service::relocate(tx, shop, MoveStock { variant, from, to, quantity: 10 })?;
        } else {
            let low_stock_threshold = (number == 2).then_some(goods.stock);
            let rule = StockRule { backorder_limit: 20, low_stock_threshold };
            inventory::service::decide(tx, &[(variant, rule)])?;
        }
    }
    Ok(())
}
