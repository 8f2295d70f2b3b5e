//! Reading a file batch by batch, and telling what became of its rows.

use std::collections::HashSet;

use super::{
    batch::{Change, Written},
    formats::{Read, Records, Row, Said},
};
use crate::platform::import::{FileError, Report};

/// A file that is being read.
pub struct Reading<'a> {
    pub records: Records<'a>,
    /// Rows of one batch at the most, but for a record that has more.
    batch_rows: usize,
    /// Read, and part of the next batch.
    next: Option<Read>,
    /// How many batches were read so far, and how many rows they have.
    pub batches: u32,
    pub rows: u64,
}

impl<'a> Reading<'a> {
    pub const fn new(records: Records<'a>, batch_rows: usize) -> Self {
        Self { records, batch_rows, next: None, batches: 0, rows: 0 }
    }

    /// Passes by records that were written before.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn pass_by(&mut self, records: u64) -> Result<(), FileError> {
        for _ in 0..records {
            self.records.read()?;
        }
        Ok(())
    }

    /// The next batch, in which neither a SKU nor a handle comes twice: of two rows of one SKU the later one is right.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn batch(&mut self) -> Result<Option<Vec<Read>>, FileError> {
        let (mut batch, mut rows) = (Vec::new(), 0);
        let (mut skus, mut handles) = (HashSet::new(), HashSet::new());
        loop {
            let next = match self.next.take() {
                Some(read) => Some(read),
                None => self.records.read()?,
            };
            let Some(read) = next else { break };
            let record = &read.record;
            let is_repeated = record.handle.as_ref().is_some_and(|handle| handles.contains(handle))
                || record.variants.iter().any(|variant| skus.contains(&variant.sku));
            if !batch.is_empty() && (is_repeated || rows + read.rows.len() > self.batch_rows) {
                self.next = Some(read);
                break;
            }
            rows += read.rows.len();
            skus.extend(record.variants.iter().map(|variant| variant.sku.clone()));
            handles.extend(record.handle.clone());
            batch.push(read);
        }
        self.rows += count(rows);
        self.batches = self.batches.saturating_add(1);
        Ok((!batch.is_empty()).then_some(batch))
    }
}

/// Tells what became of a batch's rows. Those that were not taken are told to `reject`, with the reason.
pub fn tell(report: &mut Report, batch: &[Read], written: Written, mut reject: impl FnMut(&Row, &str)) {
    report.note("products whose category the market does not have", written.without_category);
    report.note("images that are fetched by the running service", written.images);
    report.note("images beyond the 30 of a product", written.images_left_out);
    let mut changes = written.changes.into_iter();
    for row in batch.iter().flat_map(|read| &read.rows) {
        let change = match &row.said {
            Said::Image => {
                report.note("rows of images alone", 1);
                continue;
            }
            Said::Fault(reason) => Change::Rejected(reason.clone()),
            Said::Variant => changes.next().unwrap_or(Change::Unchanged),
        };
        report.read += 1;
        match change {
            Change::Created => report.created += 1,
            Change::Updated => report.updated += 1,
            Change::Unchanged => report.unchanged += 1,
            Change::Rejected(reason) => {
                report.reject(&reason);
                reject(row, &reason);
            }
        }
    }
}

/// Notes of which columns of a file nothing is taken.
pub fn tell_ignored(report: &mut Report, records: &Records<'_>) {
    let ignored = records.ignored();
    if !ignored.is_empty() {
        report.note(&format!("columns that nothing is taken from: {}", ignored.join(", ")), count(ignored.len()));
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
