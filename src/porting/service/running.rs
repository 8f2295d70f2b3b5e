//! Importing a file that somebody sent, a stretch of it each time that the job runs.
//!
//! **Invariant:** a batch and how far the import is are written in one transaction, and only if the import was where the batch
//! begins. So whatever dies or runs twice, each row is taken once.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::TimeDelta;

use super::{
    asking::{end, tell},
    batch::{self, Destination, Written},
    formats::Read,
    import::records_of,
    reading,
    stretch::{Stretch, Unfit},
};
use crate::{
    kernel::{
        error::{Failure, TransactionError},
        id::Id,
    },
    media,
    platform::{
        app::App,
        caller::Caller,
        db::{Conn, Tx},
        import::{FileError, Report},
    },
    porting::{
        error::PortingError,
        model::{
            GoOnWithImport, Policy, ProductImport, ProductImportFailure, ProductImportState, Progress, Reject,
            UnknownCategory,
        },
        queries::{
            self,
            imports::{self, End},
        },
    },
    shops::{
        self,
        model::{Permission, Shop},
    },
};

/// Goes on with an import for a stretch. What is left is for the next time.
///
/// # Errors
/// If the database or the storage fails: then it goes on later from where it is.
pub async fn go_on_with_import(app: &App, caller: &Caller, id: Id<ProductImport>) -> Result<(), PortingError> {
    let found = app.db.read(move |conn| found(conn, id)).await?;
    let Some((import, shop)) = found.filter(|(import, _)| import.state.is_open()) else { return Ok(()) };
    let mut run = Run { import, shop, public_url: app.market.public_url.clone() };
    // One at a time in this process: who sells and buys meanwhile waits for none of them, nor do other jobs.
    let Some(_turn) = app.in_making.take("imports".into(), TURN_PATIENCE).await else {
        return Ok(app.db.write(caller, move |tx| later(tx, id)).await?);
    };
    let stopped = match taken(app, caller, &mut run).await {
        Ok(()) => return Ok(()),
        Err(stopped) => stopped,
    };
    let import = run.import;
    let failed = |failure, text| End { state: ProductImportState::Failed, failure: Some(failure), text };
    let end_with = match stopped {
        Stopped::Failed(error) if error.failure().is_none_or(|failure| failure.code().is_retryable()) => {
            return Err(error);
        }
        // It would fail as often as it is tried.
        Stopped::Failed(error) => {
            tracing::error!(%error, import = %id, "an import cannot go on");
            failed(ProductImportFailure::Interrupted, None)
        }
        Stopped::Elsewhere | Stopped::TriedOut(_) => return Ok(()),
        Stopped::Unfit(failure, text) => failed(failure, text),
        Stopped::Refused(progress, rejects) => {
            return Ok(app.db.write(caller, move |tx| refused(tx, &import, &progress, &rejects)).await?);
        }
    };
    Ok(app.db.write(caller, move |tx| end(tx, &import, &end_with).map(drop)).await?)
}

/// How long an import waits for another one before it makes room for other jobs, and how long it is away then.
const TURN_PATIENCE: Duration = Duration::from_secs(1);
const AWAY: TimeDelta = TimeDelta::seconds(5);
/// How long one run of the job takes up more: well before the job is stopped.
const RUN: Duration = Duration::from_secs(25);
/// How long all of a file or none may take: others wait four seconds at most for a product that is locked meanwhile.
const WHOLE: Duration = Duration::from_secs(3);

/// An import that goes on.
#[derive(Clone)]
struct Run {
    import: ProductImport,
    shop: Shop,
    public_url: String,
}

/// Why an import does not go on just now.
enum Stopped {
    /// It was only tried out: this is what would have come of it.
    TriedOut(Box<Written>),
    /// It is elsewhere by now, or has ended.
    Elsewhere,
    /// It never will.
    Unfit(ProductImportFailure, Option<String>),
    /// Not every row could be taken.
    Refused(Box<Progress>, Vec<Reject>),
    Failed(PortingError),
}

impl<E: Into<PortingError>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl TransactionError for Stopped {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(error) => error.failure(),
            _ => None,
        }
    }
}

fn found(conn: &mut Conn, id: Id<ProductImport>) -> Result<Option<(ProductImport, Shop)>, Failure> {
    let Some(import) = imports::by_id(conn, id)? else { return Ok(None) };
    let shop = shops::service::shops_by_ids(conn, &[import.shop_id])?.pop();
    Ok(shop.map(|shop| (import, shop)))
}

/// Reads a stretch, and takes it.
async fn taken(app: &App, caller: &Caller, run: &mut Run) -> Result<(), Stopped> {
    let gone = || Stopped::Unfit(ProductImportFailure::FileGone, None);
    let file = media::service::sent_file(app, run.import.upload_id).await?.ok_or_else(gone)?;
    let (import, currency) = (run.import.clone(), run.shop.currency);
    let read = tokio::task::spawn_blocking(move || Stretch::read(file, &import, currency));
    let stretch = read.await.map_err(Failure::internal)?.map_err(|unfit| match unfit {
        Unfit::File(error @ FileError::Io { .. }) => Stopped::Failed(error.into()),
        Unfit::File(error) => Stopped::Unfit(ProductImportFailure::Unreadable, Some(error.to_string())),
        Unfit::TooManyRows => Stopped::Unfit(ProductImportFailure::TooManyRows, None),
    })?;
    if run.import.state == ProductImportState::Waiting {
        run.import.progress.add(0, 0, &stretch.noted);
        let (import, row_count) = (run.import.clone(), stretch.row_count);
        if !app.db.write(caller, move |tx| begun(tx, &import, row_count)).await? {
            return Err(Stopped::Elsewhere);
        }
    } else if is_twice_as_much(&run.import) {
        analyze(app, caller).await;
    }
    if run.import.policy == Policy::RejectAll && !run.import.is_dry_run {
        return all_or_none(app, caller, run, stretch.batches).await;
    }
    let began = Instant::now();
    let mut is_done = stretch.is_last;
    for batch in stretch.batches {
        if began.elapsed() > RUN {
            is_done = false;
            break;
        }
        run.import.progress = one_batch(app, caller, run, batch).await?;
    }
    let import = run.import.clone();
    Ok(app.db.write(caller, move |tx| if is_done { completed(tx, &import) } else { left(tx, &import) }).await?)
}

/// Whether the stretches that are done are twice as many as when this was so before.
fn is_twice_as_much(import: &ProductImport) -> bool {
    let stretches = usize::try_from(import.progress.rows_read).unwrap_or_default() / ProductImport::MAXIMUM_AT_ONCE;
    stretches.is_power_of_two()
}

/// Has the planner count what is there by now. That it cannot keeps nothing.
async fn analyze(app: &App, caller: &Caller) {
    for table in queries::FILLED {
        if let Err(error) = app.db.write(caller, move |tx| queries::analyze_one(tx, table)).await {
            tracing::warn!(%error, table, "a table that an import fills could not be analysed");
        }
    }
}

/// Takes a batch, or tries it out, and says how far the import is then.
async fn one_batch(app: &App, caller: &Caller, run: &Run, batch: Vec<Read>) -> Result<Progress, Stopped> {
    let (run, batch) = (Arc::new(run.clone()), Arc::new(batch));
    let tried = if run.import.is_dry_run {
        let (run, batch) = (Arc::clone(&run), Arc::clone(&batch));
        let outcome = app.db.write(caller, move |tx| Err(Stopped::TriedOut(Box::new(run.write(tx, &batch)?))));
        match outcome.await {
            Err(Stopped::TriedOut(written)) => Some(written),
            Err(stopped) => return Err(stopped),
            Ok(()) => None,
        }
    } else {
        None
    };
    app.db
        .write(caller, move |tx| {
            run.permit(tx)?;
            let written = match &tried {
                Some(written) => Written::clone(written),
                None => run.write(tx, &batch)?,
            };
            let mut progress = run.import.progress.clone();
            let rejects = told(&mut progress, &batch, written);
            run.advance(tx, &progress, &rejects)?;
            Ok(progress)
        })
        .await
}

/// Takes all rows, or none.
async fn all_or_none(app: &App, caller: &Caller, run: &Run, batches: Vec<Vec<Read>>) -> Result<(), Stopped> {
    let run = run.clone();
    app.db
        .write(caller, move |tx| {
            // What lost against others runs again, and has locked nothing so far.
            let began = Instant::now();
            run.permit(tx)?;
            let (mut progress, mut rejects) = (run.import.progress.clone(), Vec::new());
            for batch in &batches {
                // It would take as long the next time.
                if began.elapsed() > WHOLE {
                    return Err(Stopped::Unfit(ProductImportFailure::TooManyRows, None));
                }
                let written = run.write(tx, batch)?;
                rejects.extend(told(&mut progress, batch, written));
            }
            if progress.rejected > 0 {
                return Err(Stopped::Refused(Box::new(progress), rejects));
            }
            run.advance(tx, &progress, &[])?;
            Ok(ended(tx, &run.import, ProductImportState::Completed)?)
        })
        .await
}

impl Run {
    /// Whoever asked for it may have lost their place in the shop.
    fn permit(&self, tx: &mut Tx<'_>) -> Result<(), Stopped> {
        let not_permitted = || Stopped::Unfit(ProductImportFailure::NotPermitted, None);
        let user = self.import.user_id.ok_or_else(not_permitted)?;
        let role = shops::service::membership(tx.conn(), user, self.shop.id)?;
        role.filter(|role| role.may(Permission::EditProducts)).map(drop).ok_or_else(not_permitted)
    }

    fn write(&self, tx: &mut Tx<'_>, batch: &[Read]) -> Result<Written, PortingError> {
        // Categories are the market's: only its operator makes them.
        let unknown_category = UnknownCategory::LeftOut;
        let destination = Destination { shop: &self.shop, unknown_category, public_url: &self.public_url };
        batch::write(tx, &destination, &records_of(batch))
    }

    fn advance(&self, tx: &mut Tx<'_>, progress: &Progress, rejects: &[Reject]) -> Result<(), Stopped> {
        let (id, done) = (self.import.id, self.import.progress.record_count);
        if !imports::set_progress(tx, id, done, progress)? {
            return Err(Stopped::Elsewhere);
        }
        imports::insert_rejects(tx, id, rejects)?;
        Ok(tell(tx, id, self.shop.id)?)
    }
}

/// Adds what became of a batch, and returns those rows that were not taken and are told one by one.
fn told(progress: &mut Progress, batch: &[Read], written: Written) -> Vec<Reject> {
    let room = usize::try_from(ProductImport::MAXIMUM_REJECTS.saturating_sub(progress.rejected)).unwrap_or_default();
    let (mut report, mut rejects) = (Report::default(), Vec::new());
    reading::tell(&mut report, batch, written, |row, reason| {
        if rejects.len() < room {
            let line = i64::try_from(row.number).unwrap_or(i64::MAX);
            rejects.push(Reject { line, reason: reason.to_owned() });
        }
    });
    progress.add(batch.len(), batch.iter().map(|read| read.rows.len()).sum(), &report);
    rejects
}

/// A step: the rows are counted, and reading them begins. False if it goes on no more.
fn begun(tx: &mut Tx<'_>, import: &ProductImport, row_count: i32) -> Result<bool, Failure> {
    let is_open = imports::set_running(tx, import.id, row_count, &import.progress.notes)?;
    if is_open {
        tell(tx, import.id, import.shop_id)?;
    }
    Ok(is_open)
}

/// A step: all rows were read.
fn completed(tx: &mut Tx<'_>, import: &ProductImport) -> Result<(), Failure> {
    // What was tried out ends as it would have.
    let is_refused = import.policy == Policy::RejectAll && import.progress.rejected > 0;
    ended(tx, import, if is_refused { ProductImportState::Refused } else { ProductImportState::Completed })
}

fn ended(tx: &mut Tx<'_>, import: &ProductImport, state: ProductImportState) -> Result<(), Failure> {
    end(tx, import, &End { state, failure: None, text: None }).map(drop)
}

/// A step: there is more to read.
fn left(tx: &mut Tx<'_>, import: &ProductImport) -> Result<(), Failure> {
    tx.enqueue(&GoOnWithImport { import: import.id })
}

/// A step: another import goes on.
fn later(tx: &mut Tx<'_>, id: Id<ProductImport>) -> Result<(), Failure> {
    let then = tx.now() + AWAY;
    tx.enqueue_at(&GoOnWithImport { import: id }, then, None)
}

/// A step: tells what would have come of an import of which nothing is taken.
fn refused(tx: &mut Tx<'_>, import: &ProductImport, progress: &Progress, rejects: &[Reject]) -> Result<(), Failure> {
    if imports::set_progress(tx, import.id, import.progress.record_count, progress)? {
        imports::insert_rejects(tx, import.id, rejects)?;
        ended(tx, import, ProductImportState::Refused)?;
    }
    Ok(())
}
