//! What a product's row says of everything else that is said of it.

use std::{collections::HashMap, slice};

use crate::{
    kernel::error::Failure,
    platform::{app::App, caller::Caller, clock::Time, db::Tx},
    products::{
        model::{Product, Variant, attributes::SettleProducts, search_words},
        queries,
    },
};

/// Products that are brought in line in one transaction.
const BATCH: i64 = 50;

/// Brings what a locked product's row says of its variants and its words in line, after a change at `now`.
pub fn settle(tx: &mut Tx<'_>, product: &Product, now: Time) -> Result<(), Failure> {
    settle_all(tx, slice::from_ref(product), |_| now)
}

/// As [`settle`], of locked products, each of which says when it was changed last.
fn settle_all(tx: &mut Tx<'_>, products: &[Product], updated_at: impl Fn(&Product) -> Time) -> Result<(), Failure> {
    let ids: Vec<_> = products.iter().map(|product| product.card.id).collect();
    let mut variants = HashMap::<_, Vec<Variant>>::new();
    for variant in queries::variants::of_products(tx.conn(), &ids)? {
        variants.entry(variant.product_id).or_default().push(variant);
    }
    let mut said = HashMap::<_, Vec<String>>::new();
    for (id, one) in queries::attributes::said(tx.conn(), &ids)? {
        said.entry(id).or_default().push(one.text());
    }
    for product in products {
        let Product { card, details } = product;
        let variants = variants.remove(&card.id).unwrap_or_default();
        let said = said.remove(&card.id).unwrap_or_default();
        let prices = variants.iter().map(|variant| variant.price);
        let (Some(min), Some(max)) = (prices.clone().min(), prices.max()) else {
            return Err(Failure::internal("a product without variants"));
        };
        let of_product = [card.title.as_str(), &details.brand, &details.description].into_iter();
        let of_product = of_product.chain(details.tags.iter().chain(&said).map(String::as_str));
        let words = search_words(of_product.chain(variants.iter().flat_map(|variant| {
            [variant.sku.as_str(), &variant.title, variant.barcode.as_deref().unwrap_or_default()]
        })));
        queries::set_settled(tx, card.id, (min, max), &words, updated_at(product))?;
    }
    Ok(())
}

/// Brings a batch of products in line with what their attributes are called now.
pub async fn settle_products(app: &App, caller: &Caller, job: SettleProducts) -> Result<(), Failure> {
    app.db
        .write(caller, move |tx| {
            let ids = queries::to_settle(tx.conn(), job.whose, job.after, BATCH)?;
            let Some(last) = ids.last() else { return Ok(()) };
            let products = queries::lock_products(tx, &ids)?;
            settle_all(tx, &products, |product| product.details.updated_at)?;
            tx.enqueue(&SettleProducts { whose: job.whose, after: Some(*last) })
        })
        .await
}
