//! The CSV that Shopify exports: rows of one handle stand together, each a variant, an image or both.
//!
//! Columns are known by their names of either generation of exports, in any order and case. What nothing here corresponds
//! to is left out, and its columns are named in the report.

mod columns;

use std::sync::Arc;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use self::columns::{Cells, Column, column};
use super::{FIRST_REFUSED, MAXIMUM_ROWS, NOT_AS_MANY, Read, Row, Said, html, own, price, url};
use crate::{
    inventory::model::MAXIMUM_MOVED,
    kernel::money::CurrencyCode,
    platform::import::{CsvRows, FileError, Input},
    porting::model::{ImageRecord, ProductRecord, VariantRecord},
    products::{
        error::ProductError,
        model::{MAXIMUM_GRAMS, ProductStatus},
        service::check,
    },
};

/// What a product is called that has no options, and its variant.
pub const NO_OPTION: (&str, &str) = ("Title", "Default Title");

/// A file of Shopify's.
pub struct Shopify<'a> {
    rows: CsvRows<'a>,
    columns: Arc<[Option<Column>]>,
    ignored: Vec<String>,
    currency: CurrencyCode,
    next: Open,
}

/// A record that rows are still added to.
#[derive(Default)]
struct Open {
    handle: String,
    stage: Stage,
    /// The names of the options; none where nothing is said of them.
    names: Option<Vec<String>>,
    /// By where they stand among the product's.
    images: Vec<(u32, ImageRecord)>,
    read: Read,
}

/// How far a record is.
#[derive(Clone, Copy, Default)]
enum Stage {
    /// Its first row is still to come, which says what the product is.
    #[default]
    First,
    Later,
    /// Its first row was not taken, and why the others are not.
    Refused(&'static str),
}

const GIFT_CARD: &str = "gift cards are money and no goods";

impl<'a> Shopify<'a> {
    /// Whether a file with these columns is one of Shopify's.
    pub fn is_header(columns: &[String]) -> bool {
        let has = |wanted| columns.iter().any(|name| column(name) == Some(wanted));
        let is_own = columns.iter().any(|name| name == "sku");
        !is_own && has(Column::Handle) && has(Column::Title)
    }

    pub fn open(input: &'a Input, currency: CurrencyCode) -> Result<Self, FileError> {
        let rows = CsvRows::open(input, "reading products")?;
        let header = rows.header();
        if !Self::is_header(&header) {
            return Err(FileError::Columns {
                path: input.path().to_owned(),
                expected: "of Shopify: Handle, Title and others",
            });
        }
        let columns: Arc<[_]> = header.iter().map(|name| column(name)).collect();
        let unknown = header.iter().zip(columns.iter()).filter(|(name, column)| column.is_none() && !name.is_empty());
        let ignored = unknown.map(|(name, _)| name.clone()).collect();
        Ok(Self { rows, columns, ignored, currency, next: Open::default() })
    }

    pub fn columns(&self) -> Vec<String> {
        self.rows.header()
    }

    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    pub fn read(&mut self) -> Result<Option<Read>, FileError> {
        while let Some((number, record)) = self.rows.read()? {
            let fields: Vec<Vec<u8>> = record.iter().map(<[u8]>::to_vec).collect();
            let columns = Arc::clone(&self.columns);
            let cells = Cells { columns: &columns, record: &record };
            let handle = cells.of(Column::Handle);
            let is_same = handle.is_empty() || handle == self.next.handle;
            let goes_on = is_same && (1..MAXIMUM_ROWS).contains(&self.next.read.rows.len());
            let before = if goes_on { None } else { Some(self.begin(handle, is_same)) };
            let is_whole = fields.len() == self.columns.len();
            let said = self.next.take(is_whole.then_some(&cells), self.currency).unwrap_or_else(Said::Fault);
            self.next.read.rows.push(Row { number, said, fields });
            if let Some(before) = before.filter(|read| !read.rows.is_empty()) {
                return Ok(Some(before));
            }
        }
        let last = self.begin(String::new(), false);
        Ok((!last.rows.is_empty()).then_some(last))
    }

    /// Ends a record and begins the next one, or the rest of one that has very many rows. What was read.
    fn begin(&mut self, handle: String, is_rest: bool) -> Read {
        let mut next = Open { handle, ..Open::default() };
        if is_rest {
            next.handle.clone_from(&self.next.handle);
            next.stage = self.next.stage;
            next.names.clone_from(&self.next.names);
            next.read.record = self.next.read.record.face();
        }
        let mut before = std::mem::replace(&mut self.next, next);
        before.images.sort_by_key(|(position, _)| *position);
        before.read.record.images.extend(before.images.into_iter().map(|(_, image)| image));
        Read { record: before.read.record.with_images_of_variants(), rows: before.read.rows }
    }
}

impl Open {
    /// Takes what a row says; it has no cells if there are not as many as columns.
    fn take(&mut self, cells: Option<&Cells<'_>>, currency: CurrencyCode) -> Result<Said, String> {
        if self.handle.is_empty() {
            return Err("Handle: missing".into());
        }
        if let Stage::Refused(reason) = self.stage {
            return Err(reason.into());
        }
        let taken = cells.ok_or_else(|| NOT_AS_MANY.to_owned()).and_then(|cells| self.row(cells, currency));
        if matches!(self.stage, Stage::First) {
            self.stage = match &taken {
                Ok(_) => Stage::Later,
                Err(fault) => Stage::Refused(if fault == GIFT_CARD { GIFT_CARD } else { FIRST_REFUSED }),
            };
        }
        taken
    }

    /// Nothing of a row is kept that is not taken.
    fn row(&mut self, cells: &Cells<'_>, currency: CurrencyCode) -> Result<Said, String> {
        let first = match self.stage {
            Stage::First => Some(self.first(cells)?),
            Stage::Later | Stage::Refused(_) => None,
        };
        let names = first.as_ref().map_or(self.names.as_deref(), |(names, _)| names.as_deref());
        let image = cells.given(Column::ImageSrc).map(|text| image(&text, cells)).transpose()?;
        let is_variant = first.is_some()
            || [Column::Sku, Column::Price, Column::Value1].iter().any(|column| cells.given(*column).is_some());
        let variant = is_variant.then(|| variant(cells, &self.handle, names, currency)).transpose()?;
        let of_sku = |sku: &str| self.read.record.variants.iter().any(|other| other.sku == sku);
        if variant.as_ref().is_some_and(|variant| of_sku(&variant.sku)) {
            return Err("the SKU stands in an earlier row of the product".into());
        }
        if let Some((names, record)) = first {
            (self.names, self.read.record) = (names, record);
        }
        if let Some((position, image)) = image
            && self.images.iter().all(|(_, other)| other.url != image.url)
        {
            self.images.push((position, image));
        }
        self.read.record.variants.extend(variant);
        Ok(if is_variant { Said::Variant } else { Said::Image })
    }

    /// What the first row says of the product: the names of its options, and the rest.
    fn first(&mut self, cells: &Cells<'_>) -> Result<(Option<Vec<String>>, ProductRecord), String> {
        let handle = check::line(&self.handle, 100, "Handle").map_err(told)?;
        self.read.record.handle = Some(handle.clone());
        if cells.of(Column::GiftCard).eq_ignore_ascii_case("true") {
            return Err(GIFT_CARD.into());
        }
        let names = names(cells)?;
        let record = face(cells, handle, names.as_deref())?;
        Ok((names, record))
    }
}

#[allow(clippy::needless_pass_by_value, reason = "it is what `map_err` calls")]
fn told(error: ProductError) -> String {
    error.to_string()
}

/// The names of the options. A row without a title that names none says nothing of them.
fn names(cells: &Cells<'_>) -> Result<Option<Vec<String>>, String> {
    let given = [Column::Name1, Column::Name2, Column::Name3].into_iter().filter_map(|name| cells.given(name));
    let names = check::option_names(&given.collect::<Vec<_>>()).map_err(told)?;
    let is_none = names == [NO_OPTION.0] && cells.of(Column::Value1) == NO_OPTION.1;
    let is_untitled = cells.has(Column::Name1) && cells.given(Column::Title).is_none();
    Ok(match names {
        _ if is_none => Some(Vec::new()),
        names if names.is_empty() && is_untitled => None,
        names => Some(names),
    })
}

fn face(cells: &Cells<'_>, handle: String, names: Option<&[String]>) -> Result<ProductRecord, String> {
    let category = cells.given(Column::Category).or_else(|| cells.given(Column::Kind));
    let says_category = cells.has(Column::Category) || cells.has(Column::Kind);
    let record = ProductRecord {
        handle: Some(handle),
        title: cells.given(Column::Title).map(|title| check::title(&title)).transpose().map_err(told)?,
        description: cells
            .said(Column::Body)
            .map(|body| check::description(&html::to_text(&body)))
            .transpose()
            .map_err(told)?,
        brand: cells.said(Column::Vendor).map(|brand| check::brand(&brand)).transpose().map_err(told)?,
        tags: cells.said(Column::Tags).map(|tags| split_tags(&tags)).transpose()?,
        category: says_category.then(|| own::category(&category.unwrap_or_default())).transpose()?,
        status: status(cells)?,
        kind: None,
        attributes: None,
        options: names.filter(|_| cells.has(Column::Name1)).map(<[String]>::to_vec),
        images: Vec::new(),
        variants: Vec::new(),
    };
    Ok(if record.title.is_none() { record.without_blanks() } else { record })
}

/// Shopify's tags hold no commas, and a backslash is one.
fn split_tags(cell: &str) -> Result<Vec<String>, String> {
    let tags: Vec<String> = cell.split(',').map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect();
    check::tags(&tags).map_err(told)
}

/// What is not published is in the making, whatever its status.
fn status(cells: &Cells<'_>) -> Result<Option<ProductStatus>, String> {
    let is_hidden = cells.of(Column::Published).eq_ignore_ascii_case("false");
    let status = match cells.of(Column::Status).to_lowercase().as_str() {
        "archived" => Some(ProductStatus::Archived),
        "draft" => Some(ProductStatus::Draft),
        "active" | "unlisted" | "" if is_hidden => Some(ProductStatus::Draft),
        "active" | "unlisted" => Some(ProductStatus::Active),
        "" => cells.given(Column::Published).map(|_| ProductStatus::Active),
        _ => return Err("Status: none of active, draft and archived".into()),
    };
    Ok(status)
}

fn variant(
    cells: &Cells<'_>,
    handle: &str,
    names: Option<&[String]>,
    currency: CurrencyCode,
) -> Result<VariantRecord, String> {
    let given = [Column::Value1, Column::Value2, Column::Value3].into_iter().filter_map(|value| cells.given(value));
    let given = given.filter(|value| names.is_some() || value != NO_OPTION.1);
    let values = given.take(names.map_or(3, <[String]>::len)).map(|value| check::option(&value, "options"));
    let values = values.collect::<Result<Vec<_>, _>>().map_err(told)?;
    let sku = cells.given(Column::Sku).map_or_else(|| made_sku(handle, &values), |sku| unquoted(&sku));
    let barcode = |cell: String| match cell.as_str() {
        "" => Ok(None),
        code => check::barcode(&unquoted(code), "barcode").map(Some).map_err(told),
    };
    let amount =
        |wanted, name| cells.given(wanted).map(|text| price(&money(&text, currency), currency, name)).transpose();
    let (own_price, above) = (amount(Column::Price, "price")?, amount(Column::CompareAt, "compare_at_price")?);
    // Shopify keeps what is compared with nothing more.
    let above = above.filter(|above| own_price.is_none_or(|price| *above > price));
    Ok(VariantRecord {
        sku: check::sku(&sku, "sku").map_err(told)?,
        title: None,
        price: own_price,
        compare_at: cells.has(Column::CompareAt).then_some(above),
        quantity: cells.given(Column::Quantity).map(|text| quantity(&text)).transpose()?,
        barcode: cells.said(Column::Barcode).map(barcode).transpose()?,
        weight_grams: grams(cells)?,
        values,
        image: cells.given(Column::VariantImage).map(|text| url(&text)).transpose()?,
    })
}

/// Shopify puts an apostrophe before numbers, so that spreadsheets leave them alone.
fn unquoted(text: &str) -> String {
    match text.strip_prefix('\'') {
        Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.to_owned(),
        _ => text.to_owned(),
    }
}

/// A SKU for a variant that has none: the same each time the file is read.
fn made_sku(handle: &str, values: &[String]) -> String {
    let whole = std::iter::once(handle).chain(values.iter().map(String::as_str)).collect::<Vec<_>>().join("/");
    if whole.chars().count() <= 64 {
        return whole;
    }
    let digest = Sha256::digest(whole.as_bytes());
    let digits = HEXLOWER.encode(digest.get(..8).unwrap_or_default());
    format!("{}-{digits}", whole.chars().take(47).collect::<String>())
}

/// A price without the zeros that its currency has no place for: some exports write `10.00` of any.
fn money(text: &str, currency: CurrencyCode) -> String {
    match text.split_once('.') {
        Some((whole, fraction)) => {
            let places = usize::try_from(currency.decimals()).unwrap_or_default();
            let kept = fraction.len().min(places.max(fraction.trim_end_matches('0').len()));
            match fraction.get(..kept).unwrap_or_default() {
                "" => whole.to_owned(),
                fraction => format!("{whole}.{fraction}"),
            }
        }
        None => text.to_owned(),
    }
}

/// What is sold beyond the stock is none.
fn quantity(text: &str) -> Result<i32, String> {
    let pieces = text.parse::<i32>().ok().map(|pieces| pieces.max(0)).filter(|pieces| *pieces <= MAXIMUM_MOVED);
    pieces.ok_or_else(|| format!("quantity: no whole number up to {MAXIMUM_MOVED}"))
}

fn grams(cells: &Cells<'_>) -> Result<Option<Option<i32>>, String> {
    let unit = match cells.of(Column::WeightUnit).to_lowercase().as_str() {
        "kg" => 1_000.0,
        "lb" => 453.592_37,
        "oz" => 28.349_523_125,
        _ => 1.0,
    };
    let (cell, unit) = match (cells.given(Column::Grams), cells.given(Column::Weight)) {
        (Some(grams), _) => (grams, 1.0),
        (None, Some(weight)) => (weight, unit),
        (None, None) => {
            return Ok((cells.has(Column::Grams) || cells.has(Column::Weight)).then_some(None));
        }
    };
    let weight = cell.parse::<f64>().ok().map(|weight| (weight * unit).round());
    let weight = weight.filter(|grams| (0.0..=f64::from(MAXIMUM_GRAMS)).contains(grams));
    // Shopify writes 0 where nobody has said what it weighs.
    #[allow(clippy::cast_possible_truncation, reason = "it is a whole number up to a million")]
    let grams = weight.map(|grams| Some(grams as i32).filter(|grams| *grams > 0));
    grams.map(Some).ok_or_else(|| "weight: no number of grams up to a tonne".into())
}

fn image(text: &str, cells: &Cells<'_>) -> Result<(u32, ImageRecord), String> {
    let text = text.trim_start_matches("//");
    let address = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let alternative_text = check::alternative_text(&cells.of(Column::ImageAlt), "Image Alt Text").map_err(told)?;
    let position = cells.of(Column::ImagePosition).parse().unwrap_or(u32::MAX);
    Ok((position, ImageRecord { url: url(&address)?, alternative_text }))
}
