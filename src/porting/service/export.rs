//! Exporting a shop's products: page after page, from the oldest product on.

use std::{
    collections::{BTreeMap, HashMap},
    io::Write,
};

use super::{batch, formats::Writer, images};
use crate::{
    inventory::{self, model::MAXIMUM_MOVED},
    kernel::{error::Failure, id::Id},
    platform::{app::App, clock::Time, db::Conn},
    porting::{
        error::PortingError,
        model::{Format, ProductRecord, VariantRecord},
    },
    products::{
        self,
        model::{Category, Product, Variant},
        service::Whole,
    },
    shops::{self, model::Shop},
};

/// What to export.
#[derive(Debug, Clone)]
pub struct ExportProducts {
    /// The handle of the shop.
    pub shop: String,
    pub format: Format,
}

/// Products of one read.
const PAGE: i64 = 200;

/// Writes all products of a shop, whatever their status, each as it is when its page is read. Tells how many.
///
/// # Errors
/// [`PortingError`].
pub async fn export_products(app: &App, export: &ExportProducts, sink: impl Write) -> Result<u64, PortingError> {
    let shop = shops::service::shop_by_handle(app, &export.shop).await?;
    let shop = shop.ok_or_else(|| PortingError::NoShop(export.shop.clone()))?;
    let mut writer = Writer::new(export.format, shop.currency, sink)?;
    let (mut after, mut count) = (None, 0);
    loop {
        let of_shop = shop.clone();
        let market = app.clone();
        let page = app.db.read_long(move |conn| page(conn, &market, &of_shop, after)).await?;
        for record in &page.records {
            writer.write(record)?;
            count += 1;
        }
        match page.last {
            Some(last) => after = Some(last),
            None => break,
        }
    }
    writer.finish()?;
    Ok(count)
}

type After = (Time, Id<Product>);

struct Exported {
    records: Vec<ProductRecord>,
    /// After which the next page begins.
    last: Option<After>,
}

fn page(conn: &mut Conn, app: &App, shop: &Shop, after: Option<After>) -> Result<Exported, Failure> {
    let products = products::service::whole_products(conn, shop.id, after, PAGE)?;
    let last = products.last().map(|whole| (whole.product.card.created_at, whole.product.card.id));
    let rows: Vec<_> = products.iter().map(|whole| &whole.product).collect();
    let handles = batch::handles(conn, shop, &rows)?;
    let categories: Vec<Id<Category>> = rows.iter().filter_map(|product| product.details.category_id).collect();
    let paths = products::service::category_paths(conn, &categories)?;
    let variants: Vec<Id<Variant>> =
        products.iter().flat_map(|whole| &whole.variants).map(|variant| variant.id).collect();
    let compared = products::service::compared(conn, &variants)?;
    let on_hand = inventory::service::on_hand(conn, &variants)?;
    let shown = images::shown(conn, app, &products)?;
    let mut records = Vec::with_capacity(products.len());
    for (whole, handle) in products.into_iter().zip(handles) {
        let id = whole.product.card.id;
        let mut record = record(whole, handle, &paths, &compared, &on_hand);
        if let Some(shown) = shown.get(&id) {
            shown.say(&mut record);
        }
        records.push(record);
    }
    Ok(Exported { records, last })
}

fn record(
    whole: Whole,
    handle: String,
    paths: &BTreeMap<Id<Category>, Vec<String>>,
    compared: &HashMap<Id<Variant>, i64>,
    on_hand: &HashMap<Id<Variant>, i64>,
) -> ProductRecord {
    let Whole { product, variants, said, kind } = whole;
    let details = product.details;
    let path = details.category_id.and_then(|category| paths.get(&category));
    let has_options = !details.option_names.is_empty();
    let variant = |variant: Variant| VariantRecord {
        title: Some(if has_options { String::new() } else { variant.title }),
        price: Some(variant.price),
        compare_at: Some(compared.get(&variant.id).copied()),
        quantity: on_hand.get(&variant.id).map_or(Some(0), |pieces| {
            let pieces = i32::try_from(*pieces).unwrap_or(MAXIMUM_MOVED);
            Some(pieces.clamp(0, MAXIMUM_MOVED))
        }),
        sku: variant.sku,
        barcode: Some(variant.barcode),
        weight_grams: Some(variant.weight_grams),
        values: variant.option_values,
        image: None,
    };
    ProductRecord {
        handle: Some(handle),
        title: Some(product.card.title),
        description: Some(details.description),
        brand: Some(details.brand),
        tags: Some(details.tags),
        category: Some(path.cloned().unwrap_or_default()),
        status: Some(product.card.status),
        kind: Some(kind.unwrap_or_default()),
        attributes: Some(said.iter().map(products::service::as_text).collect()),
        options: Some(details.option_names),
        images: Vec::new(),
        variants: variants.into_iter().map(variant).collect(),
    }
}
