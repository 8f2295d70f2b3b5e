//! The formats of files: reading yields records, writing takes them.

mod cells;
mod html;
mod lists;
mod own;
mod shopify;
mod write;

pub use self::write::Writer;

use self::{own::Own, shopify::Shopify};
use crate::{
    kernel::money::{CurrencyCode, Decimal, Money},
    platform::import::{FileError, Input},
    porting::model::{Format, ProductRecord},
    products::model::MAXIMUM_PRICE,
};

/// Rows of one record at the most; what comes after is a record of the same handle.
const MAXIMUM_ROWS: usize = 1_000;
/// Why the rows of a product are not taken whose first row was not: what it says of the product is not known.
const FIRST_REFUSED: &str = "the product's first row was not taken";
const NOT_AS_MANY: &str = "not as many cells as columns";
/// Bytes of a URL at the most.
const MAXIMUM_URL: usize = 2_048;

/// A record with the rows that it stands in.
#[derive(Debug, Default)]
pub struct Read {
    pub record: ProductRecord,
    pub rows: Vec<Row>,
}

/// A row of a file.
#[derive(Debug)]
pub struct Row {
    /// Its line in the file, from 1.
    pub number: u64,
    pub said: Said,
    /// What goes into the file of rejects.
    pub fields: Vec<Vec<u8>>,
}

/// What a row came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Said {
    /// The record's next variant.
    Variant,
    /// An image of the product and no variant.
    Image,
    /// Nothing that can be taken. The reasons are few, whatever the rows hold.
    Fault(String),
}

/// The records of a file, one at a time.
pub enum Records<'a> {
    Own(Own<'a>),
    Shopify(Shopify<'a>),
}

impl<'a> Records<'a> {
    /// # Errors
    /// If the file cannot be read, or its columns are not those of the format.
    pub fn open(input: &'a Input, format: Format, currency: CurrencyCode) -> Result<Self, FileError> {
        match format {
            Format::ShopifyCsv => Shopify::open(input, currency).map(Self::Shopify),
            Format::Csv if Shopify::is_header(&input.header()?) => Shopify::open(input, currency).map(Self::Shopify),
            Format::Csv | Format::Jsonl => Own::open(input, format, currency).map(Self::Own),
        }
    }

    /// The columns of the file of rejects.
    pub fn columns(&self) -> Vec<String> {
        match self {
            Self::Own(own) => own.columns(),
            Self::Shopify(shopify) => shopify.columns(),
        }
    }

    /// Columns of the file that nothing is taken from.
    pub fn ignored(&self) -> &[String] {
        match self {
            Self::Own(_) => &[],
            Self::Shopify(shopify) => shopify.ignored(),
        }
    }

    /// # Errors
    /// If the file cannot be read to its end.
    pub fn read(&mut self) -> Result<Option<Read>, FileError> {
        match self {
            Self::Own(own) => own.read(),
            Self::Shopify(shopify) => shopify.read(),
        }
    }
}

/// The minor units of a price.
fn price(text: &str, currency: CurrencyCode, column: &str) -> Result<i64, String> {
    let amount = text.parse::<Decimal>().ok().and_then(|amount| Money::from_decimal(amount, currency).ok());
    let amount = amount.filter(|amount| (0..=MAXIMUM_PRICE).contains(&amount.minor));
    amount.map(|amount| amount.minor).ok_or_else(|| format!("{column}: no amount in {currency} from zero on"))
}

/// A URL that an image may be fetched from one day.
fn url(text: &str) -> Result<String, String> {
    let parsed = url::Url::parse(text).ok().filter(|url| matches!(url.scheme(), "https" | "http") && url.has_host());
    match parsed {
        Some(_) if text.len() <= MAXIMUM_URL && !text.contains(|c: char| c.is_whitespace() || c.is_control()) => {
            Ok(text.to_owned())
        }
        _ => Err("images: no URL of an image".into()),
    }
}

#[cfg(test)]
mod tests;
