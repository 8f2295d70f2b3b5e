//! Rows of a CSV file.

use std::io::BufRead;

use csv::{ByteRecord, Reader, ReaderBuilder, Trim};

use super::{FileError, Input};

/// Columns of a file at the most. Others are as if they were not there.
const MAXIMUM_COLUMNS: usize = 500;

/// The rows of a CSV file, one at a time, of however many columns each.
pub struct CsvRows<'a> {
    input: &'a Input,
    reader: Reader<Box<dyn BufRead + Send>>,
    header: ByteRecord,
}

impl<'a> CsvRows<'a> {
    /// Reads the line with the names of the columns.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn open(input: &'a Input, doing: &'static str) -> Result<Self, FileError> {
        let mut reader = ReaderBuilder::new().flexible(true).trim(Trim::None).from_reader(input.pass(doing)?);
        let mut header = reader.byte_headers().map_err(|error| broken(input, error))?.clone();
        header.truncate(MAXIMUM_COLUMNS);
        Ok(Self { input, reader, header })
    }

    /// The first line, without the mark that some programs begin a file with.
    pub fn header(&self) -> Vec<String> {
        let names = self.header.iter().map(|name| super::text(name).trim_start_matches('\u{feff}').to_owned());
        names.collect()
    }

    /// The next row and the line that it begins on, counted from 1.
    ///
    /// # Errors
    /// If the file cannot be read to its end.
    pub fn read(&mut self) -> Result<Option<(u64, ByteRecord)>, FileError> {
        let mut record = ByteRecord::new();
        let more = self.reader.read_byte_record(&mut record).map_err(|error| broken(self.input, error))?;
        let line = record.position().map_or(0, csv::Position::line);
        // A hundred cells too many tell as much as a million.
        record.truncate(self.header.len() + 100);
        Ok(more.then_some((line, record)))
    }
}

fn broken(input: &Input, error: csv::Error) -> FileError {
    if error.is_io_error() {
        return input.broken(error.into());
    }
    FileError::Csv { path: input.path().to_owned(), error }
}
