//! What a product's row says of everything else that is said of it.

use std::{
    collections::{BTreeMap, HashMap},
    slice,
};

use super::{history, telling::offer};
use crate::{
    kernel::{error::Failure, id::Id},
    platform::{app::App, caller::Caller, clock::Time, db::Tx},
    products::{
        model::{
            Product, ProductStatus, Variant,
            attributes::SettleProducts,
            prices::NewPrices,
            search::{Stemming, Texts},
            translations::ProductTranslation,
        },
        queries,
    },
};

/// Products that are brought in line in one transaction.
const BATCH: i64 = 50;

/// Brings what a locked product's row says of its variants and its words in line, after a change at `now`, and the history of its
/// prices.
pub fn settle(tx: &mut Tx<'_>, product: &Product, now: Time) -> Result<(), Failure> {
    settle_all(tx, slice::from_ref(product), |_| now)
}

/// As [`settle`], where prices of its variants are new that do not stand in their rows.
pub(super) fn settle_prices(
    tx: &mut Tx<'_>,
    product: &Product,
    new: &HashMap<Id<Variant>, NewPrices>,
    now: Time,
) -> Result<(), Failure> {
    settle_each(tx, slice::from_ref(product), new, |_| now)
}

/// As [`settle`], of locked products, each of which says when it was changed last.
pub(super) fn settle_all(
    tx: &mut Tx<'_>,
    products: &[Product],
    updated_at: impl Fn(&Product) -> Time,
) -> Result<(), Failure> {
    settle_each(tx, products, &HashMap::new(), updated_at)
}

/// As [`settle_all`], where prices of their variants are new that do not stand in their rows.
pub(super) fn settle_each(
    tx: &mut Tx<'_>,
    products: &[Product],
    new: &HashMap<Id<Variant>, NewPrices>,
    updated_at: impl Fn(&Product) -> Time,
) -> Result<(), Failure> {
    if products.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = products.iter().map(|product| product.card.id).collect();
    let all = queries::variants::of_products(tx.conn(), &ids)?;
    history::record(tx, products, &all, new)?;
    let mut variants = HashMap::<_, Vec<Variant>>::new();
    for variant in all {
        variants.entry(variant.product_id).or_default().push(variant);
    }
    let mut said = HashMap::<_, Vec<String>>::new();
    for (id, one) in queries::attributes::said(tx.conn(), &ids)? {
        said.entry(id).or_default().push(one.text());
    }
    let mut translations = HashMap::<_, Vec<ProductTranslation>>::new();
    for translation in queries::translations::of_products::all(tx.conn(), &ids)? {
        translations.entry(translation.product_id).or_default().push(translation);
    }
    let stemming = stemming(tx)?;
    let (mut learnt, mut cheaper) = (BTreeMap::new(), Vec::new());
    for product in products {
        let Product { card, details } = product;
        let variants = variants.remove(&card.id).unwrap_or_default();
        let said = said.remove(&card.id).unwrap_or_default();
        let prices = variants.iter().map(|variant| variant.price);
        let (Some(min), Some(max)) = (prices.clone().min(), prices.max()) else {
            return Err(Failure::internal("a product without variants"));
        };
        let of_variants = variants
            .iter()
            .flat_map(|variant| [variant.title.as_str(), &variant.sku, variant.barcode.as_deref().unwrap_or_default()]);
        let mut translations = translations.remove(&card.id).unwrap_or_default();
        let has_value = |place: usize, value: &str| {
            variants.iter().any(|variant| variant.option_values.get(place).is_some_and(|known| known == value))
        };
        for translation in &mut translations {
            translation.retain_current(&details.option_names, has_value);
        }
        let texts = Texts {
            title: &card.title,
            brand: &details.brand,
            tags: &details.tags,
            description: &details.description,
            translations: &translations,
        };
        let (found_by, words) = texts.document(said.iter().map(String::as_str).chain(of_variants), &stemming);
        queries::set_settled(tx, card.id, (min, max), &found_by, updated_at(product))?;
        if card.status == ProductStatus::Active {
            learnt.extend(words.into_iter().map(|word| (word, 1)));
            cheaper.extend((min < card.price_min).then_some(card.id));
        }
    }
    offer(tx, &cheaper)?;
    queries::words::learn(tx, &learnt)
}

/// The stemming that products are written in.
pub(super) fn stemming(tx: &mut Tx<'_>) -> Result<Stemming, Failure> {
    Ok(Stemming::of([&queries::words::locale(tx.conn())?]))
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
