//! What a product's row says of everything else that is said of it.

use crate::{
    kernel::error::Failure,
    platform::{app::App, caller::Caller, clock::Time, db::Tx},
    products::{
        model::{Product, attributes::SettleProducts, search_words},
        queries,
    },
};

/// Products that are brought in line in one transaction.
const BATCH: i64 = 50;

/// Brings what a locked product's row says of its variants and its words in line.
pub fn settle(tx: &mut Tx<'_>, Product { card, details }: &Product, updated_at: Time) -> Result<(), Failure> {
    let variants = queries::variants::of_product(tx.conn(), card.id)?;
    let prices = variants.iter().map(|variant| variant.price);
    let (Some(min), Some(max)) = (prices.clone().min(), prices.max()) else {
        return Err(Failure::internal("a product without variants"));
    };
    let said = queries::attributes::said(tx.conn(), &[card.id])?;
    let said: Vec<String> = said.iter().map(|(_, said)| said.text()).collect();
    let of_product = [card.title.as_str(), &details.brand, &details.description].into_iter();
    let of_product = of_product.chain(details.tags.iter().chain(&said).map(String::as_str));
    let words =
        search_words(of_product.chain(variants.iter().flat_map(|variant| {
            [variant.sku.as_str(), &variant.title, variant.barcode.as_deref().unwrap_or_default()]
        })));
    queries::set_settled(tx, card.id, (min, max), &words, updated_at)
}

/// Brings a batch of products in line with what their attributes are called now.
pub async fn settle_products(app: &App, caller: &Caller, job: SettleProducts) -> Result<(), Failure> {
    app.db
        .write(caller, move |tx| {
            let ids = queries::to_settle(tx.conn(), job.whose, job.after, BATCH)?;
            for id in &ids {
                if let Some(product) = queries::lock_product(tx, *id)? {
                    settle(tx, &product, product.details.updated_at)?;
                }
            }
            match ids.last() {
                Some(last) => tx.enqueue(&SettleProducts { whose: job.whose, after: Some(*last) }),
                None => Ok(()),
            }
        })
        .await
}
