//! The columns of Shopify's CSV, of either generation.

use csv::ByteRecord;

use crate::platform::import::text;

/// What is taken, by its names in older and newer exports, in lower case.
const COLUMNS: [(Column, &[&str]); 33] = [
    (Column::Handle, &["handle", "url handle"]),
    (Column::Title, &["title"]),
    (Column::Body, &["body (html)", "body html", "description"]),
    (Column::Vendor, &["vendor"]),
    (Column::Category, &["product category", "standardized product type"]),
    (Column::Kind, &["type", "custom product type"]),
    (Column::Tags, &["tags"]),
    (Column::Published, &["published", "published on online store"]),
    (Column::Status, &["status"]),
    (Column::Name1, &["option1 name"]),
    (Column::Name2, &["option2 name"]),
    (Column::Name3, &["option3 name"]),
    (Column::Value1, &["option1 value"]),
    (Column::Value2, &["option2 value"]),
    (Column::Value3, &["option3 value"]),
    (Column::Sku, &["variant sku", "sku"]),
    (Column::Grams, &["variant grams", "weight value (grams)"]),
    (Column::Weight, &["variant weight"]),
    (Column::WeightUnit, &["variant weight unit", "weight unit for display"]),
    (Column::Quantity, &["variant inventory qty", "inventory quantity"]),
    (Column::Price, &["variant price", "price"]),
    (Column::CompareAt, &["variant compare at price", "compare-at price"]),
    (Column::Barcode, &["variant barcode", "barcode"]),
    (Column::ImageSrc, &["image src", "product image url"]),
    (Column::ImagePosition, &["image position"]),
    (Column::ImageAlt, &["image alt text"]),
    (Column::VariantImage, &["variant image", "variant image url"]),
    (Column::GiftCard, &["gift card"]),
    // Known, and the same of every product here.
    (Column::Nothing, &["variant inventory tracker", "inventory tracker"]),
    (Column::Nothing, &["variant inventory policy", "continue selling when out of stock"]),
    (Column::Nothing, &["variant fulfillment service", "fulfillment service"]),
    (Column::Nothing, &["variant requires shipping", "requires shipping"]),
    (Column::Nothing, &["variant taxable", "charge tax"]),
];

/// What a column means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Handle,
    Title,
    Body,
    Vendor,
    Category,
    Kind,
    Tags,
    Published,
    Status,
    Name1,
    Name2,
    Name3,
    Value1,
    Value2,
    Value3,
    Sku,
    Grams,
    Weight,
    WeightUnit,
    Quantity,
    Price,
    CompareAt,
    Barcode,
    ImageSrc,
    ImagePosition,
    ImageAlt,
    VariantImage,
    GiftCard,
    Nothing,
}

/// What a column of this name means.
pub fn column(name: &str) -> Option<Column> {
    let name = name.trim().to_lowercase();
    COLUMNS.iter().find(|(_, names)| names.contains(&name.as_str())).map(|(column, _)| *column)
}

/// A row by what its columns mean.
pub struct Cells<'a> {
    pub columns: &'a [Option<Column>],
    pub record: &'a ByteRecord,
}

impl Cells<'_> {
    /// Empty where there is no such column.
    pub fn of(&self, wanted: Column) -> String {
        let place = self.columns.iter().position(|column| *column == Some(wanted));
        place.and_then(|place| self.record.get(place)).map(|cell| text(cell).into_owned()).unwrap_or_default()
    }

    pub fn given(&self, wanted: Column) -> Option<String> {
        Some(self.of(wanted)).filter(|cell| !cell.is_empty())
    }

    pub fn has(&self, wanted: Column) -> bool {
        self.columns.contains(&Some(wanted))
    }

    /// None where there is no such column, so that what is there stays.
    pub fn said(&self, wanted: Column) -> Option<String> {
        self.has(wanted).then(|| self.of(wanted))
    }
}
