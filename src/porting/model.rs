//! What files say of products, how files are written, and what an import does with them.

mod product_import;
mod record;

use std::path::Path;

use chrono::TimeDelta;
use diesel::{Insertable, Queryable, QueryableByName, Selectable};

pub use self::{
    product_import::{
        GoOnWithImport, ProductImport, ProductImportChanged, ProductImportFailure, ProductImportState, Progress,
        Reject, Tally,
    },
    record::{ImageRecord, ProductRecord, VariantRecord},
};
use crate::{kernel::id::Id, platform::clock::Time, products::model::Product, schema::wanted_images, text_enum};

text_enum! {
    /// How a file of products is written.
    #[derive(async_graphql::Enum)]
    #[graphql(name = "ProductFileFormat")]
    pub enum Format {
        /// Our own columns in CSV, a row a variant.
        Csv = "CSV",
        /// The same names in JSON, an object a line.
        Jsonl = "JSONL",
        /// The CSV that Shopify exports.
        ShopifyCsv = "SHOPIFY_CSV",
    }
}

impl Format {
    /// By the end of a file's name, before a `.gz`. Whether a CSV is Shopify's, its header tells.
    pub fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        match name.rsplit_once('.')?.1 {
            "csv" => Some(Self::Csv),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            _ => None,
        }
    }
}

text_enum! {
    /// What becomes of a file in which some rows cannot be taken.
    #[derive(async_graphql::Enum)]
    #[graphql(name = "ProductImportPolicy")]
    pub enum Policy {
        /// The others are taken.
        RejectRow = "REJECT_ROW",
        /// None is taken.
        RejectAll = "REJECT_ALL",
    }
}

text_enum! {
    /// What becomes of a category that the market does not have.
    pub enum UnknownCategory {
        /// It is made.
        Made = "MADE",
        /// The product goes without one.
        LeftOut = "LEFT_OUT",
    }
}

/// Rows that one transaction takes, where a file is taken in one: for a dry run, and where all rows are taken or none.
pub const MAXIMUM_AT_ONCE: u64 = 100_000;

/// An image that a product shall show and that is still to be fetched.
#[derive(Debug, Clone, Queryable, QueryableByName, Selectable, Insertable)]
#[diesel(table_name = wanted_images)]
pub struct WantedImage {
    pub product_id: Id<Product>,
    pub url: String,
    pub ordinal: i32,
    pub alternative_text: String,
    /// Of the variants that show it themselves.
    pub skus: Vec<String>,
    pub attempts: i32,
    /// None of one that was given up.
    pub due_at: Option<Time>,
    pub failure: Option<String>,
}

impl WantedImage {
    /// How often it is tried to fetch one.
    pub const MAXIMUM_ATTEMPTS: i32 = 6;

    /// How long after so many attempts the next one is made: 1, 4, 16 … minutes.
    pub fn pause(attempts: i32) -> TimeDelta {
        TimeDelta::minutes(4_i64.saturating_pow(attempts.saturating_sub(1).unsigned_abs()).min(1_440))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_told_by_the_name() {
        let format = |name: &str| Format::of(Path::new(name));
        assert_eq!(format("a/b.CSV"), Some(Format::Csv));
        assert_eq!(format("b.csv.gz"), Some(Format::Csv));
        assert_eq!(format("b.jsonl.gz"), Some(Format::Jsonl));
        assert_eq!((format("b.xlsx"), format("b.gz"), format("csv")), (None, None, None));
    }
}
