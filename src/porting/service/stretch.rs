//! Reading as much of a file that somebody sent as one run of the job takes.

use std::{fs::File, io::BufRead as _};

use super::{
    formats::{Read, Records},
    reading::{self, Reading},
};
use crate::{
    kernel::money::CurrencyCode,
    platform::import::{FileError, Input, Report},
    porting::model::{Format, Policy, ProductImport, ProductImportState},
};

/// What one run of the job takes.
pub struct Stretch {
    /// Rows of the whole file; counted in the first stretch alone.
    pub row_count: i32,
    pub batches: Vec<Vec<Read>>,
    /// Whether nothing comes after it.
    pub is_last: bool,
    /// What is told of the file as a whole.
    pub noted: Report,
}

/// Why a file is not taken.
pub enum Unfit {
    File(FileError),
    TooManyRows,
}

impl From<FileError> for Unfit {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl Stretch {
    /// Reads what comes after the records that are done.
    ///
    /// # Errors
    /// If the file is not what it should be.
    pub fn read(file: File, import: &ProductImport, currency: CurrencyCode) -> Result<Self, Unfit> {
        let input = Input::sent(file);
        let format = import.format.map_or_else(|| guessed(&input), Ok)?;
        let is_first = import.state == ProductImportState::Waiting;
        let row_count = if is_first { count_rows(&input, format, currency)? } else { 0 };
        let at_once = i32::try_from(ProductImport::MAXIMUM_AT_ONCE).unwrap_or(i32::MAX);
        let maximum = match import.policy {
            Policy::RejectAll => at_once,
            Policy::RejectRow => ProductImport::MAXIMUM_ROWS,
        };
        if row_count > maximum {
            return Err(Unfit::TooManyRows);
        }
        let mut reading = Reading::new(Records::open(&input, format, currency)?, ProductImport::BATCH);
        let mut noted = Report::default();
        if is_first {
            reading::tell_ignored(&mut noted, &reading.records);
        }
        reading.pass_by(u64::from(import.progress.record_count.unsigned_abs()))?;
        let mut batches = Vec::new();
        let is_last = loop {
            if import.policy == Policy::RejectRow && reading.rows >= u64::from(at_once.unsigned_abs()) {
                break false;
            }
            match reading.batch()? {
                Some(batch) => batches.push(batch),
                None => break true,
            }
        };
        Ok(Self { row_count, batches, is_last, noted })
    }
}

/// JSON begins with an object, and the header of CSV does not.
fn guessed(input: &Input) -> Result<Format, FileError> {
    let mut plain = input.pass("")?;
    let start = plain.fill_buf().map_err(|error| input.broken(error))?;
    let text = start.strip_prefix("\u{feff}".as_bytes()).unwrap_or(start);
    Ok(if text.trim_ascii_start().starts_with(b"{") { Format::Jsonl } else { Format::Csv })
}

/// Rows of a file, counted a little further than any are taken.
fn count_rows(input: &Input, format: Format, currency: CurrencyCode) -> Result<i32, FileError> {
    let mut records = Records::open(input, format, currency)?;
    let mut count = 0_i32;
    while count <= ProductImport::MAXIMUM_ROWS
        && let Some(read) = records.read()?
    {
        count = count.saturating_add(i32::try_from(read.rows.len()).unwrap_or(i32::MAX));
    }
    Ok(count)
}
