//! The file that tells which rows were not taken.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use csv::{Writer, WriterBuilder};

use super::{FileError, Input, input::of_file};

/// Rows that were not taken, each with its line in the imported file, the reason, and what it held. Written anew by each
/// run, and there even if it stays empty.
pub struct Rejects {
    path: PathBuf,
    writer: Writer<File>,
}

impl Rejects {
    /// Where the rejects of a file go unless somebody says otherwise: beside it.
    pub fn beside(file: &Path) -> PathBuf {
        let mut name = file.as_os_str().to_owned();
        name.push(".rejects.csv");
        name.into()
    }

    /// `columns` are those of the imported file.
    ///
    /// # Errors
    /// If the file cannot be written, or is the imported one.
    pub fn create(path: &Path, input: &Input, columns: &[String]) -> Result<Self, FileError> {
        let is_input = fs::canonicalize(path).is_ok_and(|path| fs::canonicalize(input.path()).is_ok_and(|i| i == path));
        if is_input {
            return Err(FileError::Overwritten(path.to_owned()));
        }
        let file = File::create(path).map_err(|error| of_file(path, error))?;
        let mut rejects = Self { path: path.to_owned(), writer: WriterBuilder::new().flexible(true).from_writer(file) };
        let header = ["line", "reason"].into_iter().chain(columns.iter().map(String::as_str));
        rejects.write(header.map(str::as_bytes))?;
        rejects.end_row()?;
        Ok(rejects)
    }

    /// Adds a row.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn add<'a>(
        &mut self,
        line: u64,
        reason: &str,
        fields: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<(), FileError> {
        let line = line.to_string();
        self.write([line.as_bytes(), reason.as_bytes()])?;
        self.write(fields)?;
        self.end_row()
    }

    /// Everything that was added is in the file.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn finish(mut self) -> Result<(), FileError> {
        self.writer.flush().map_err(|error| of_file(&self.path, error))
    }

    fn write<'a>(&mut self, fields: impl IntoIterator<Item = &'a [u8]>) -> Result<(), FileError> {
        fields.into_iter().try_for_each(|field| self.writer.write_field(field)).map_err(|error| self.broken(error))
    }

    fn end_row(&mut self) -> Result<(), FileError> {
        self.writer.write_record(None::<&[u8]>).map_err(|error| self.broken(error))
    }

    fn broken(&self, error: csv::Error) -> FileError {
        FileError::Csv { path: self.path.clone(), error }
    }
}
