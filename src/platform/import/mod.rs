//! Files of other systems: reading them as a stream, and telling what became of each row.
//!
//! A row is a line of the file, or a record of several. Rows are read in **batches** of at most [`BATCH`], and a batch is
//! written in one transaction, so an import that was killed leaves whole batches behind. **Keys** say which of the other
//! system's things are here already, so an import that is run again goes on where it stopped, and one that was complete
//! changes nothing.
//!
//! **Invariant:** what is kept in memory does not grow with the number of rows.

mod csv_rows;
mod input;
pub mod keys;
mod rejects;
mod report;

pub use self::{
    csv_rows::CsvRows,
    input::{Input, text},
    rejects::Rejects,
    report::Report,
};

use std::path::PathBuf;

/// Rows of one transaction at the most.
pub const BATCH: usize = 5_000;

/// What is wrong with a file as a whole.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("{}: {error}", path.display())]
    Io { path: PathBuf, error: std::io::Error },
    #[error("{}: {error}", path.display())]
    Csv { path: PathBuf, error: csv::Error },
    #[error("{}: the first line must name the columns {expected}", path.display())]
    Columns { path: PathBuf, expected: &'static str },
    #[error("--rejects: {} is the file that is imported", .0.display())]
    Overwritten(PathBuf),
}
