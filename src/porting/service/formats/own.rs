//! Our own format: CSV and JSONL with the columns of [`COLUMNS`](super::cells::COLUMNS), a row a variant.

use std::{
    collections::BTreeSet,
    io::{BufRead, Read as _},
};

use super::{FIRST_REFUSED, MAXIMUM_ROWS, NOT_AS_MANY, Read, Row, Said, cells::Cells, lists, price, url};
use crate::{
    inventory::model::MAXIMUM_MOVED,
    kernel::money::CurrencyCode,
    platform::import::{CsvRows, FileError, Input, text},
    porting::model::{Format, ImageRecord, ProductRecord, VariantRecord},
    products::{
        error::ProductError,
        service::{Refusal, check},
    },
};

const COLUMN_NAMES: &str = "sku and others that docs/import.md tells, each once";
const OPTIONS: [(&str, &str); 3] =
    [("option1_name", "option1_value"), ("option2_name", "option2_value"), ("option3_name", "option3_value")];
/// Images of one cell at the most: more than a product shows.
const MAXIMUM_IMAGES: usize = 100;
/// Bytes of one line of JSON at the most.
const MAXIMUM_LINE: u64 = 1 << 20;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// A file of our own.
pub struct Own<'a> {
    rows: Rows<'a>,
    currency: CurrencyCode,
    stretch: Stretch,
    /// What was read of the record after the one that was read last.
    next: Read,
}

/// Rows of one product that stand together.
#[derive(Default)]
struct Stretch {
    /// What the file calls it; none of a row that is a product of its own.
    handle: Option<String>,
    /// Whether its first row was not taken, so that nobody knows what it is.
    is_refused: bool,
}

/// A row as it stands in the file.
struct Line {
    number: u64,
    cells: Cells,
    /// What is wrong with its cells.
    outcome: Result<(), &'static str>,
    fields: Vec<Vec<u8>>,
}

enum Rows<'a> {
    /// With the place among our columns of each of the file's columns.
    Csv {
        rows: CsvRows<'a>,
        places: Vec<usize>,
    },
    Jsonl {
        input: &'a Input,
        lines: Box<dyn BufRead + Send>,
        number: u64,
    },
}

impl<'a> Own<'a> {
    pub fn open(input: &'a Input, format: Format, currency: CurrencyCode) -> Result<Self, FileError> {
        const DOING: &str = "reading products";
        let of = |rows| Self { rows, currency, stretch: Stretch::default(), next: Read::default() };
        if format == Format::Jsonl {
            return Ok(of(Rows::Jsonl { input, lines: input.pass(DOING)?, number: 0 }));
        }
        let rows = CsvRows::open(input, DOING)?;
        let places: Option<Vec<usize>> = rows.header().iter().map(|name| Cells::place(name)).collect();
        let is_each_once = |places: &Vec<usize>| {
            Cells::place("sku").is_some_and(|sku| places.contains(&sku))
                && places.iter().collect::<BTreeSet<_>>().len() == places.len()
        };
        match places.filter(is_each_once) {
            Some(places) => Ok(of(Rows::Csv { rows, places })),
            None => Err(FileError::Columns { path: input.path().to_owned(), expected: COLUMN_NAMES }),
        }
    }

    pub fn columns(&self) -> Vec<String> {
        match &self.rows {
            Rows::Csv { rows, .. } => rows.header(),
            Rows::Jsonl { .. } => vec!["row".into()],
        }
    }

    /// The rows of one product stand together. The first one says what the product is; later ones leave it empty or say the
    /// same, and are not taken if the first one is not.
    pub fn read(&mut self) -> Result<Option<Read>, FileError> {
        while let Some(Line { number, mut cells, outcome, fields }) = self.rows.read()? {
            let handle = cells.given("product");
            let goes_on = handle.is_some() && handle == self.stretch.handle;
            let said = match outcome {
                _ if goes_on && self.stretch.is_refused => Err(FIRST_REFUSED.to_owned()),
                Ok(()) => said(handle.as_deref(), cells, self.currency),
                Err(fault) => Err(fault.to_owned()),
            };
            if !goes_on && (handle.is_some() || said.is_ok()) {
                self.stretch = Stretch { handle, is_refused: said.is_err() };
            }
            let (face, variant) = match said {
                Ok((record, variant)) if !goes_on => (Some(record), Ok(variant)),
                Ok((record, _)) if says_otherwise(&record, &self.next.record) => {
                    (None, Err("the product's first row says otherwise".to_owned()))
                }
                Ok((_, variant)) => (None, Ok(variant)),
                Err(fault) => (None, Err(fault)),
            };
            // Where there are very many rows, the rest is a record that says the same.
            let is_full = self.next.rows.len() >= MAXIMUM_ROWS;
            let face = face.or_else(|| is_full.then(|| self.next.record.face()));
            let before = face.map(|record| std::mem::replace(&mut self.next, Read { record, rows: Vec::new() }));
            let added = variant.and_then(|variant| add(&mut self.next.record.variants, variant));
            let said = added.map_or_else(Said::Fault, |()| Said::Variant);
            self.next.rows.push(Row { number, said, fields });
            if let Some(before) = before.filter(|before| !before.rows.is_empty()) {
                return Ok(Some(whole(before)));
            }
        }
        let last = std::mem::take(&mut self.next);
        Ok((!last.rows.is_empty()).then(|| whole(last)))
    }
}

fn whole(read: Read) -> Read {
    Read { record: read.record.with_images_of_variants(), rows: read.rows }
}

fn add(variants: &mut Vec<VariantRecord>, variant: VariantRecord) -> Result<(), String> {
    if variants.iter().any(|other| other.sku == variant.sku) {
        return Err("the SKU stands in an earlier row of the product".into());
    }
    variants.push(variant);
    Ok(())
}

/// What a row says: its product, without variants, and its variant.
fn said(
    handle: Option<&str>,
    mut cells: Cells,
    currency: CurrencyCode,
) -> Result<(ProductRecord, VariantRecord), String> {
    let told = |error: ProductError| error.to_string();
    let sku = check::sku(&cells.take("sku").unwrap_or_default(), "sku").map_err(told)?;
    match cells.given("currency").map(|code| code.parse::<CurrencyCode>()) {
        Some(Ok(given)) if given != currency => return Err("currency: not the shop's".into()),
        Some(Err(_)) => return Err("currency: no ISO 4217 code".into()),
        _ => {}
    }
    let quantity = match cells.given("quantity").map(|text| text.parse::<i32>()) {
        None => None,
        Some(Ok(quantity)) if (0..=MAXIMUM_MOVED).contains(&quantity) => Some(quantity),
        _ => return Err(format!("quantity: no whole number from 0 to {MAXIMUM_MOVED}")),
    };
    let (options, values) = options(&mut cells)?;
    let title = cells.take("title");
    let is_untitled = title.as_deref() == Some("");
    let record = ProductRecord {
        handle: handle.map(|name| check::line(name, 100, "product")).transpose().map_err(told)?,
        title: title.filter(|_| !is_untitled).map(|title| check::title(&title)).transpose().map_err(told)?,
        description: cells.take("description").map(|text| check::description(&text)).transpose().map_err(told)?,
        brand: cells.take("brand").map(|brand| check::brand(&brand)).transpose().map_err(told)?,
        tags: cells.take("tags").map(|cell| check::tags(&lists::tags(&cell))).transpose().map_err(told)?,
        category: cells.take("category").map(|cell| category(&cell)).transpose()?,
        status: cells
            .given("status")
            .map(|word| word.to_uppercase().parse())
            .transpose()
            .map_err(|_| "status: none of DRAFT, ACTIVE and ARCHIVED")?,
        kind: cells.take("kind").map(|kind| named_kind(&kind)).transpose()?,
        attributes: cells.take("attributes").map(|cell| lists::attributes(&cell)).transpose()?,
        options,
        images: images(&cells.take("images").unwrap_or_default())?,
        variants: Vec::new(),
    };
    let record = if is_untitled { record.without_blanks() } else { record };
    let title = cells.take("variant_title");
    let title = title.map(|title| check::variant_title(&title, "variant_title")).transpose().map_err(told)?;
    let barcode =
        |cell: String| Some(cell).filter(|cell| !cell.is_empty()).map(|code| check::barcode(&code, "barcode"));
    let weight = |cell: String| match cell.as_str() {
        "" => Ok(None),
        digits => digits.parse().ok().and_then(|grams| check::weight(grams, "weight_grams").ok()).map(Some).ok_or(()),
    };
    let own_price = cells.given("price").map(|text| price(&text, currency, "price")).transpose()?;
    let above = |cell: String| match cell.as_str() {
        "" => Ok(None),
        text => price(text, currency, "compare_at_price").map(Some),
    };
    let compare_at = cells.take("compare_at_price").map(above).transpose()?;
    if own_price.zip(compare_at.flatten()).is_some_and(|(price, above)| above <= price) {
        return Err(Refusal::Compared.reason().into());
    }
    let variant = VariantRecord {
        sku,
        title,
        price: own_price,
        compare_at,
        quantity,
        barcode: cells.take("barcode").map(|cell| barcode(cell).transpose()).transpose().map_err(told)?,
        weight_grams: cells
            .take("weight_grams")
            .map(weight)
            .transpose()
            .map_err(|()| "weight_grams: no whole number of grams up to a tonne")?,
        values,
        image: cells.given("image").map(|text| url(&text)).transpose()?,
    };
    Ok((record, variant))
}

pub fn category(cell: &str) -> Result<Vec<String>, String> {
    let names = lists::path(cell);
    names.iter().map(|name| check::category_name(name)).collect::<Result<_, _>>().map_err(|error| error.to_string())
}

/// The handle of a kind; empty for none.
fn named_kind(cell: &str) -> Result<String, String> {
    match cell {
        "" => Ok(String::new()),
        handle => check::line(handle, 100, "kind").map_err(|error| error.to_string()),
    }
}

/// An image that is named again is the same one.
fn images(cell: &str) -> Result<Vec<ImageRecord>, String> {
    let mut images = lists::images(cell);
    if images.len() > MAXIMUM_IMAGES {
        return Err(format!("images: more than {MAXIMUM_IMAGES}"));
    }
    for image in &images {
        url(&image.url)?;
        check::alternative_text(&image.alternative_text, "images").map_err(|error| error.to_string())?;
    }
    let mut urls = BTreeSet::new();
    images.retain(|image| urls.insert(image.url.clone()));
    Ok(images)
}

/// The names of the options, and the row's values. Names are not said where the file has no columns for them.
fn options(cells: &mut Cells) -> Result<(Option<Vec<String>>, Vec<String>), String> {
    let (mut names, mut values, mut is_said) = (Vec::new(), Vec::new(), false);
    for (name, value) in OPTIONS {
        let name = cells.take(name);
        is_said = is_said || name.is_some();
        names.extend(name.filter(|name| !name.is_empty()));
        values.extend(cells.given(value));
    }
    let told = |error: ProductError| error.to_string();
    let names = check::option_names(&names).map_err(told)?;
    let values = values.iter().map(|value| check::option(value, "options")).collect::<Result<_, _>>().map_err(told)?;
    Ok((is_said.then_some(names), values))
}

/// Whether a later row of a product says something else of it than the first one.
fn says_otherwise(later: &ProductRecord, first: &ProductRecord) -> bool {
    fn differs<T: PartialEq>(later: Option<&T>, first: Option<&T>, is_empty: impl Fn(&T) -> bool) -> bool {
        later.is_some_and(|later| !is_empty(later) && first != Some(later))
    }
    differs(later.title.as_ref(), first.title.as_ref(), String::is_empty)
        || differs(later.description.as_ref(), first.description.as_ref(), String::is_empty)
        || differs(later.brand.as_ref(), first.brand.as_ref(), String::is_empty)
        || differs(later.tags.as_ref(), first.tags.as_ref(), Vec::is_empty)
        || differs(later.category.as_ref(), first.category.as_ref(), Vec::is_empty)
        || differs(later.status.as_ref(), first.status.as_ref(), |_| false)
        || differs(later.kind.as_ref(), first.kind.as_ref(), String::is_empty)
        || differs(later.attributes.as_ref(), first.attributes.as_ref(), Vec::is_empty)
        || differs(later.options.as_ref(), first.options.as_ref(), Vec::is_empty)
        || differs(Some(&later.images), Some(&first.images), Vec::is_empty)
}

impl Rows<'_> {
    fn read(&mut self) -> Result<Option<Line>, FileError> {
        match self {
            Self::Csv { rows, places } => {
                let Some((number, record)) = rows.read()? else { return Ok(None) };
                let mut cells = Cells::default();
                for (place, field) in places.iter().zip(&record) {
                    cells.set(*place, text(field).into_owned());
                }
                let fields: Vec<Vec<u8>> = record.iter().map(<[u8]>::to_vec).collect();
                let outcome = if fields.len() == places.len() { Ok(()) } else { Err(NOT_AS_MANY) };
                Ok(Some(Line { number, cells, outcome, fields }))
            }
            Self::Jsonl { input, lines, number } => loop {
                let mut line = Vec::new();
                let read = lines.by_ref().take(MAXIMUM_LINE).read_until(b'\n', &mut line);
                if read.map_err(|error| input.broken(error))? == 0 {
                    return Ok(None);
                }
                *number += 1;
                // Some programs begin a file with a mark.
                if *number == 1 && line.starts_with(BYTE_ORDER_MARK) {
                    line.drain(..BYTE_ORDER_MARK.len());
                }
                let is_whole = line.ends_with(b"\n") || u64::try_from(line.len()).is_ok_and(|read| read < MAXIMUM_LINE);
                if !is_whole {
                    lines.skip_until(b'\n').map_err(|error| input.broken(error))?;
                }
                if line.trim_ascii().is_empty() {
                    continue;
                }
                let too_long = || (Cells::default(), Err("a line of more than 1 MiB"));
                let (cells, outcome) = if is_whole { Cells::of_json(&line) } else { too_long() };
                line.truncate(line.trim_ascii_end().len());
                return Ok(Some(Line { number: *number, cells, outcome, fields: vec![line] }));
            },
        }
    }
}
