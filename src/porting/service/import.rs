//! Importing a file: its records in batches, each in a transaction, or all in one.

use std::{path::PathBuf, sync::Arc};

use super::{
    batch::{self, Destination, Written},
    formats::{Read, Records},
    reading::{self, Reading},
};
use crate::{
    kernel::{
        error::{Failure, TransactionError},
        money::CurrencyCode,
        place::CountryCode,
    },
    platform::{
        app::App,
        caller::Caller,
        db::Tx,
        import::{BATCH, FileError, Input, Rejects, Report},
    },
    porting::{
        error::PortingError,
        model::{Format, MAXIMUM_AT_ONCE, Policy, ProductRecord, UnknownCategory},
        queries,
    },
    shops::{self, model::Shop},
};

/// What to import.
#[derive(Debug, Clone)]
pub struct ImportProducts {
    pub file: PathBuf,
    /// By the end of the file's name, and by its header, if absent.
    pub format: Option<Format>,
    pub rejects: PathBuf,
    /// The handle of the shop, which is opened in the market's currency if there is none.
    pub shop: String,
    /// The address of somebody who becomes its owner.
    pub owner: Option<String>,
    pub policy: Policy,
    /// Whether everything is only tried out.
    pub is_dry_run: bool,
}

/// What came of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    pub report: Report,
    /// False of what was only tried out, and of what was refused as a whole; then the report tells what would have been.
    pub is_written: bool,
}

/// Imports products.
///
/// # Errors
/// [`PortingError`]; never because of a single row, which is rejected instead.
pub async fn import_products(app: &App, caller: &Caller, import: ImportProducts) -> Result<Imported, PortingError> {
    let format = import.format.or_else(|| Format::of(&import.file)).ok_or(PortingError::Format)?;
    let run = Run { format, place: (app.market.currency, app.market.country), import };
    if run.import.is_dry_run || run.import.policy == Policy::RejectAll {
        at_once(app, caller, run).await
    } else {
        let report = in_batches(app, caller, &run).await?;
        Ok(Imported { report, is_written: true })
    }
}

struct Run {
    import: ImportProducts,
    format: Format,
    place: (CurrencyCode, CountryCode),
}

/// The categories that the operator's files name are made.
const UNKNOWN_CATEGORY: UnknownCategory = UnknownCategory::Made;

/// Batch after batch: what was written before an end stays.
async fn in_batches(app: &App, caller: &Caller, run: &Run) -> Result<Report, PortingError> {
    let import = &run.import;
    let input = Input::open(&import.file, 1)?;
    let owner = import.owner.as_deref();
    // Nothing is opened for a file that cannot be read.
    Records::open(&input, run.format, run.place.0)?;
    let (shop, is_new) = shops::service::shop_for_import(app, caller, &import.shop, owner, run.place).await?;
    let shop = Arc::new(shop);
    let mut progress = Progress::begin(&input, run, &shop, is_new)?;
    while let Some(batch) = progress.reading.batch()? {
        let batch = Arc::new(batch);
        let (shop, reads) = (Arc::clone(&shop), Arc::clone(&batch));
        let (public_url, number) = (app.market.public_url.clone(), progress.reading.batches);
        let written = app.db.write(caller, move |tx| write(tx, &shop, &public_url, &reads, number)).await?;
        progress.tell(&batch, written)?;
    }
    let report = progress.finish()?;
    input.done();
    Ok(report)
}

/// All in one transaction, which ends in nothing if it is only tried out, or if not every row can be taken and they shall be
/// all or none.
async fn at_once(app: &App, caller: &Caller, run: Run) -> Result<Imported, PortingError> {
    let input = Input::open(&run.import.file, 1)?;
    let policy = run.import.policy;
    let public_url = app.market.public_url.clone();
    let outcome = app.db.write(caller, move |tx| {
        let import = &run.import;
        let (shop, is_new) = shops::service::open_for_import(tx, &import.shop, import.owner.as_deref(), run.place)
            .map_err(PortingError::from)?;
        let mut progress = Progress::begin(&input, &run, &shop, is_new)?;
        while let Some(batch) = progress.reading.batch()? {
            if progress.reading.rows > MAXIMUM_AT_ONCE {
                return Err(Undone::Failed(PortingError::TooManyRows));
            }
            let written = write(tx, &shop, &public_url, &batch, progress.reading.batches)?;
            progress.tell(&batch, written)?;
        }
        let report = progress.finish()?;
        input.done();
        let is_refused = policy == Policy::RejectAll && report.rejected() > 0;
        if import.is_dry_run || is_refused { Err(Undone::Told(Box::new(report))) } else { Ok(report) }
    });
    match outcome.await {
        Ok(report) => Ok(Imported { report, is_written: true }),
        Err(Undone::Told(report)) => Ok(Imported { report: *report, is_written: false }),
        Err(Undone::Failed(error)) => Err(error),
    }
}

/// Why a transaction left nothing behind.
enum Undone {
    /// It was to leave nothing; this is what it would have left.
    Told(Box<Report>),
    Failed(PortingError),
}

impl From<PortingError> for Undone {
    fn from(error: PortingError) -> Self {
        Self::Failed(error)
    }
}

impl From<FileError> for Undone {
    fn from(error: FileError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Failure> for Undone {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure.into())
    }
}

impl TransactionError for Undone {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Told(_) => None,
            Self::Failed(error) => error.failure(),
        }
    }
}

fn write(tx: &mut Tx<'_>, shop: &Shop, public_url: &str, batch: &[Read], number: u32) -> Result<Written, PortingError> {
    // Whenever there is twice as much.
    if number.saturating_sub(1).is_power_of_two() {
        queries::analyze(tx)?;
    }
    batch::write(tx, &Destination { shop, unknown_category: UNKNOWN_CATEGORY, public_url }, &records_of(batch))
}

pub(super) fn records_of(batch: &[Read]) -> Vec<&ProductRecord> {
    batch.iter().map(|read| &read.record).collect()
}

/// A file that is being read, and what became of it so far.
struct Progress<'a> {
    reading: Reading<'a>,
    rejects: Rejects,
    report: Report,
}

impl<'a> Progress<'a> {
    fn begin(input: &'a Input, run: &Run, shop: &Shop, is_new: bool) -> Result<Self, PortingError> {
        let records = Records::open(input, run.format, shop.currency)?;
        let rejects = Rejects::create(&run.import.rejects, input, &records.columns())?;
        let mut report = Report::default();
        report.make("shops", u64::from(is_new));
        reading::tell_ignored(&mut report, &records);
        Ok(Self { reading: Reading::new(records, BATCH), rejects, report })
    }

    fn tell(&mut self, batch: &[Read], written: Written) -> Result<(), FileError> {
        let (rejects, mut added) = (&mut self.rejects, Ok(()));
        reading::tell(&mut self.report, batch, written, |row, reason| {
            if added.is_ok() {
                added = rejects.add(row.number, reason, row.fields.iter().map(Vec::as_slice));
            }
        });
        added
    }

    fn finish(self) -> Result<Report, FileError> {
        self.rejects.finish()?;
        Ok(self.report)
    }
}
