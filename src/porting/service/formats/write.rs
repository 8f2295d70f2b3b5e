//! Writing records.

use std::{
    collections::HashSet,
    io::{self, Write},
};

use super::{
    cells::{COLUMNS, Cells},
    html, lists,
    shopify::NO_OPTION,
};
use crate::{
    kernel::{
        money::{CurrencyCode, Money},
        text::fold,
    },
    porting::model::{Format, ProductRecord, VariantRecord},
    products::{model::ProductStatus, service::check},
};

/// Writes records in a format: the same ones in the same bytes, always.
pub struct Writer<W: Write> {
    sink: Sink<W>,
    currency: CurrencyCode,
}

enum Sink<W: Write> {
    Csv(csv::Writer<W>),
    Jsonl(W),
    Shopify(csv::Writer<W>),
}

impl<W: Write> Writer<W> {
    /// Writes the line with the names of the columns, where the format has one.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn new(format: Format, currency: CurrencyCode, sink: W) -> io::Result<Self> {
        let with_header = |sink: W, header: &[&str]| {
            let mut rows = csv::Writer::from_writer(sink);
            rows.write_record(header)?;
            Ok::<_, io::Error>(rows)
        };
        let sink = match format {
            Format::Csv => Sink::Csv(with_header(sink, &COLUMNS)?),
            Format::Jsonl => Sink::Jsonl(sink),
            Format::ShopifyCsv => Sink::Shopify(with_header(sink, &SHOPIFY)?),
        };
        Ok(Self { sink, currency })
    }

    /// # Errors
    /// If it cannot be written.
    pub fn write(&mut self, record: &ProductRecord) -> io::Result<()> {
        let currency = self.currency;
        match &mut self.sink {
            Sink::Csv(rows) => {
                for cells in own(record, currency) {
                    rows.write_record(cells.fields())?;
                }
            }
            Sink::Jsonl(sink) => {
                for cells in own(record, currency) {
                    serde_json::to_writer(&mut *sink, &cells.json())?;
                    sink.write_all(b"\n")?;
                }
            }
            Sink::Shopify(rows) => {
                for row in as_shopify(record, currency) {
                    rows.write_record(&row)?;
                }
            }
        }
        Ok(())
    }

    /// Everything that was written is where it goes.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(self) -> io::Result<()> {
        match self.sink {
            Sink::Csv(mut rows) | Sink::Shopify(mut rows) => rows.flush(),
            Sink::Jsonl(mut sink) => sink.flush(),
        }
    }
}

/// The rows of a record: the first one says what the product is.
fn own(record: &ProductRecord, currency: CurrencyCode) -> impl Iterator<Item = Cells> {
    record.variants.iter().enumerate().map(move |(place, variant)| {
        let mut cells = Cells::default();
        let mut say = |column: &str, cell: Option<String>| {
            if let Some(cell) = cell {
                cells.say(column, cell);
            }
        };
        say("product", record.handle.clone());
        if place == 0 {
            say("title", record.title.clone());
            say("description", record.description.clone());
            say("brand", record.brand.clone());
            say("category", record.category.as_ref().map(|path| path.join(lists::STEP)));
            say("tags", record.tags.as_ref().map(|tags| lists::tags_cell(tags)));
            say("status", record.status.map(|status| status.as_str().to_lowercase()));
            say("kind", record.kind.clone());
            say("attributes", record.attributes.as_ref().map(|said| lists::attributes_cell(said)));
            say("images", (!record.images.is_empty()).then(|| lists::images_cell(&record.images)));
            if let Some(names) = &record.options {
                say("option1_name", Some(names.first().cloned().unwrap_or_default()));
                say("option2_name", names.get(1).cloned());
                say("option3_name", names.get(2).cloned());
            }
        }
        for (column, value) in ["option1_value", "option2_value", "option3_value"].into_iter().zip(&variant.values) {
            say(column, Some(value.clone()));
        }
        say("sku", Some(variant.sku.clone()));
        say("variant_title", variant.title.clone());
        say("price", variant.price.map(|price| amount(price, currency)));
        let above = |above: Option<i64>| above.map(|above| amount(above, currency)).unwrap_or_default();
        say("compare_at_price", variant.compare_at.map(above));
        say("currency", variant.price.map(|_| currency.to_string()));
        say("quantity", variant.quantity.map(|pieces| pieces.to_string()));
        say("barcode", variant.barcode.clone().map(Option::unwrap_or_default));
        say("weight_grams", variant.weight_grams.map(|grams| grams.map(|grams| grams.to_string()).unwrap_or_default()));
        say("image", variant.image.clone());
        cells
    })
}

fn amount(minor: i64, currency: CurrencyCode) -> String {
    Money::new(minor, currency).amount().to_string()
}

/// The rows of a record as Shopify has them: variants and images side by side.
fn as_shopify(record: &ProductRecord, currency: CurrencyCode) -> Vec<Vec<String>> {
    let (names, values) = shopify_options(record);
    let handle = record.handle.clone().unwrap_or_default();
    let rows = record.variants.len().max(record.images.len());
    let row = |place: usize| {
        let face = |cell: Option<String>| cell.filter(|_| place == 0).unwrap_or_default();
        let variant = record.variants.get(place);
        let image = record.images.get(place);
        let mut row = vec![
            handle.clone(),
            face(record.title.clone()),
            face(record.description.as_deref().map(html::from_text)),
            face(record.brand.clone()),
            face(record.category.as_deref().map(joined_path)),
            face(record.tags.as_deref().map(joined_tags)),
            face(record.status.map(|status| (status == ProductStatus::Active).to_string())),
        ];
        for number in 0..3 {
            row.push(face(names.get(number).cloned()));
            row.push(values.get(place).and_then(|values| values.get(number)).cloned().unwrap_or_default());
        }
        row.extend(shopify_variant(variant, currency));
        row.push(image.map(|image| image.url.clone()).unwrap_or_default());
        row.push(image.map(|_| (place + 1).to_string()).unwrap_or_default());
        row.push(image.map(|image| image.alternative_text.clone()).unwrap_or_default());
        row.push(variant.and_then(|variant| variant.image.clone()).unwrap_or_default());
        row.push(variant.map(|_| "g".to_owned()).unwrap_or_default());
        row.push(face(record.status.map(|status| status.as_str().to_lowercase())));
        row
    };
    (0..rows).map(row).collect()
}

/// From the SKU to the barcode.
fn shopify_variant(variant: Option<&VariantRecord>, currency: CurrencyCode) -> [String; 11] {
    let Some(variant) = variant else { return Default::default() };
    let grams = variant.weight_grams.flatten().map_or_else(|| "0".to_owned(), |grams| grams.to_string());
    [
        variant.sku.clone(),
        grams,
        "shopify".into(),
        variant.quantity.map(|pieces| pieces.to_string()).unwrap_or_default(),
        "deny".into(),
        "manual".into(),
        variant.price.map(|price| amount(price, currency)).unwrap_or_default(),
        variant.compare_at.flatten().map(|above| amount(above, currency)).unwrap_or_default(),
        "true".into(),
        "true".into(),
        variant.barcode.clone().flatten().unwrap_or_default(),
    ]
}

/// The options, and the values of each variant. Every product has one there: variants without options are told apart by what
/// they are called, or by their SKUs or numbers if that does not tell them apart.
fn shopify_options(record: &ProductRecord) -> (Vec<String>, Vec<Vec<String>>) {
    let names = record.options.clone().unwrap_or_default();
    let variants = &record.variants;
    if !names.is_empty() {
        return (names, variants.iter().map(|variant| variant.values.clone()).collect());
    }
    let titles = || variants.iter().map(|variant| variant.title.clone().unwrap_or_default());
    let tell_apart = |values: &[String]| {
        let mut seen = HashSet::new();
        values.iter().all(|value| check::option(value, "").is_ok() && seen.insert(fold(value)))
    };
    let numbers = || (1..=variants.len()).map(|number| number.to_string()).collect();
    let values: Vec<String> = match variants.as_slice() {
        [only] if only.title.as_deref().unwrap_or_default().is_empty() => vec![NO_OPTION.1.into()],
        _ => Some(titles().collect::<Vec<_>>())
            .filter(|titles| tell_apart(titles))
            .or_else(|| {
                Some(variants.iter().map(|variant| variant.sku.clone()).collect())
                    .filter(|skus: &Vec<_>| tell_apart(skus))
            })
            .unwrap_or_else(numbers),
    };
    (vec![NO_OPTION.0.into()], values.into_iter().map(|value| vec![value]).collect())
}

/// The header of what is written here.
const SHOPIFY: [&str; 30] = [
    "Handle",
    "Title",
    "Body (HTML)",
    "Vendor",
    "Product Category",
    "Tags",
    "Published",
    "Option1 Name",
    "Option1 Value",
    "Option2 Name",
    "Option2 Value",
    "Option3 Name",
    "Option3 Value",
    "Variant SKU",
    "Variant Grams",
    "Variant Inventory Tracker",
    "Variant Inventory Qty",
    "Variant Inventory Policy",
    "Variant Fulfillment Service",
    "Variant Price",
    "Variant Compare At Price",
    "Variant Requires Shipping",
    "Variant Taxable",
    "Variant Barcode",
    "Image Src",
    "Image Position",
    "Image Alt Text",
    "Variant Image",
    "Variant Weight Unit",
    "Status",
];

/// Tags as this format holds them: without commas, each once.
pub(super) fn joined_tags(tags: &[String]) -> String {
    let mut plain: Vec<String> = Vec::new();
    for tag in tags {
        let tag = tag.replace(',', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        if !tag.is_empty() && !plain.contains(&tag) {
            plain.push(tag);
        }
    }
    plain.join(", ")
}

/// A category's path as this format holds it.
fn joined_path(path: &[String]) -> String {
    path.join(lists::STEP)
}
