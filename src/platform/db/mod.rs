//! The only doors to Postgres: [`Db::read`], [`Db::read_long`], [`Db::read_snapshot`] and [`Db::write`].
//!
//! Diesel is synchronous, so a use case is one closure that runs once on a worker thread. There are lanes, each with
//! threads, connections and a bounded queue of its own, so that writers waiting for one row, or a slow search, never stop a
//! short read, and nothing stops what the process itself has to know.
//!
//! **Invariants:** no network call, password hash or sleep happens inside a closure; a [`Tx`] exists only inside
//! [`Db::write`]; who finds a full queue, or would wait too long in it, is refused with [`Failure::Overloaded`]
//! at once, and who did wait too long is refused instead of served late; a future of these that is dropped takes its queued
//! job along and has its running statement cancelled in the database, but nothing that comes after it on that connection,
//! and no COMMIT.

mod canceller;
mod failure;
mod lane;
mod ledger;
mod options;
mod pace;
mod session;
mod transaction;
mod turn;

use std::{any::type_name, cell::Cell, sync::Arc, time::Duration};

use diesel::PgConnection;
use tokio::sync::Notify;

use super::{
    caller::Caller,
    clock::{Clock, Generator},
    metrics::Metrics,
};
use crate::kernel::error::{Failure, TransactionError};

pub(super) use self::options::milliseconds;
use self::{
    canceller::Canceller,
    lane::Lane,
    transaction::{Abort, Scope, snapshot, transact},
};
pub use self::{lane::LaneState, options::DbOptions, transaction::Tx};

/// What queries run on.
pub type Conn = PgConnection;

/// How often a transaction that lost against another one is run in all.
const ATTEMPTS: u32 = 5;
/// How long a statement of [`Db::read_apart`] may take.
const APART: Duration = Duration::from_secs(2);
/// Transactions of one [`Db::write_in_batches`].
const BATCHES: u32 = 100;

/// The database, as everybody above the queries sees it. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    short: Lane,
    writes: Lane,
    long: Lane,
    apart: Lane,
    shared: Arc<Shared>,
    metrics: Arc<Metrics>,
}

struct Shared {
    clock: Arc<Clock>,
    generator: Arc<Generator>,
    wakers: Wakers,
}

/// Rung after a commit that left work for others.
#[derive(Debug, Default)]
pub struct Wakers {
    pub events: Notify,
    pub jobs: Notify,
}

impl Db {
    /// Starts the lanes on a `postgres://` URL or a libpq connection string. Connections are made when they are first
    /// needed, so this does not fail when Postgres is away.
    ///
    /// # Errors
    /// If a thread cannot be started.
    pub fn open(
        url: &str,
        options: &DbOptions,
        metrics: Arc<Metrics>,
        clock: Arc<Clock>,
        generator: Arc<Generator>,
    ) -> std::io::Result<Self> {
        let settings = |statement: Duration| format!("SET statement_timeout = {}", statement.as_millis());
        let short = settings(options.statement_timeout);
        let generic = "SET plan_cache_mode = force_generic_plan";
        // What is read is little, and a generic plan takes it for more: compiled, it would take many times as long, each time.
        let plain = "SET jit = off";
        let lock = format!("SET lock_timeout = {}", options.lock_timeout.as_millis());
        let long = vec![
            settings(options.long_statement_timeout),
            "SET plan_cache_mode = force_custom_plan".into(),
            // Where there is an index, it is used. A scan may look cheaper, because enough rows are expected to come early; where
            // they do not, it reads the whole table.
            "SET enable_seqscan = off".into(),
            plain.into(),
            // What is read here and there lies in memory, or on a disk that does not mind.
            "SET random_page_cost = 1.1".into(),
            // Who looks for something takes one processor of the database, and finds it in the same order each time.
            "SET max_parallel_workers_per_gather = 0".into(),
        ];
        // Nobody waits long for what is asked all the time.
        let apart = vec![settings(options.statement_timeout.min(APART)), generic.into(), plain.into()];
        let canceller = Canceller::start(url, metrics.lanes.cancels.clone())?;
        let lane = |name, threads, settings| Lane::open(name, url, options, threads, settings, &canceller, &metrics);
        Ok(Self {
            short: lane("short", options.threads, vec![short.clone(), generic.into(), plain.into()])?,
            writes: lane("write", options.threads, vec![short, generic.into(), plain.into(), lock])?,
            long: lane("long", (options.threads / 2).max(1), long)?,
            apart: lane("apart", 1, apart)?,
            shared: Arc::new(Shared { clock, generator, wakers: Wakers::default() }),
            metrics,
        })
    }

    /// Runs a short read: statements whose cost does not grow with the data. Once more if the connection was dead.
    ///
    /// # Errors
    /// What the closure returns; [`Failure::Overloaded`] when too many wait, [`Failure::Unavailable`] when the database is away.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnMut(&mut Conn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Failure> + Send + 'static,
    {
        self.short.read(work).await
    }

    /// Runs a read that may take long (search, reports, export), in a lane of its own.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn read_long<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnMut(&mut Conn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Failure> + Send + 'static,
    {
        self.long.read(work).await
    }

    /// Runs reads of whole tables, all of them as of one moment however long they take, among the long ones. A statement has ten
    /// minutes. While this runs, Postgres keeps what others delete: it is for commands of the operator.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn read_snapshot<T, E, F>(&self, mut work: F) -> Result<T, E>
    where
        F: FnMut(&mut Conn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Failure> + Send + 'static,
    {
        self.long.read(move |conn| snapshot(conn, &mut work)).await
    }

    /// Runs a short read that this process makes all the time and that must not wait for those of others, on a thread and a
    /// connection apart.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn read_apart<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnMut(&mut Conn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Failure> + Send + 'static,
    {
        self.apart.read(work).await
    }

    /// Runs a transaction on behalf of a caller. The closure may run several times: when the transaction lost against
    /// another one, or when the connection was dead before COMMIT was sent. Its error rolls everything back.
    ///
    /// # Errors
    /// What the closure returns; [`Failure::Overloaded`] when too many wait, [`Failure::Unavailable`] when the database is
    /// away or it is not known whether the commit arrived.
    pub async fn write<T, E, F>(&self, caller: &Caller, mut work: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: TransactionError,
    {
        let shared = Arc::clone(&self.shared);
        let caller = caller.clone();
        self.writes
            .run(type_name::<F>(), move |session, turn| {
                let scope =
                    Scope { shared: &shared, caller: &caller, emitted: Cell::default(), enqueued: Cell::default() };
                let mut attempt = 1;
                let outcome = loop {
                    if !turn.open(&session.backend) {
                        break Err(Failure::Unavailable.into());
                    }
                    match transact(&mut session.conn, &scope, turn, &mut work) {
                        Err(Abort::Domain(error)) if attempt < ATTEMPTS => match error.failure() {
                            Some(Failure::Contention(_)) => {}
                            Some(Failure::Unavailable) if session.is_closed() && session.reconnect() => {}
                            _ => break Err(error),
                        },
                        Err(Abort::Commit(Failure::Contention(_))) if attempt < ATTEMPTS => {}
                        Err(Abort::Begin(_)) if attempt < ATTEMPTS && session.is_closed() && session.reconnect() => {}
                        Err(Abort::Begin(failure) | Abort::Commit(failure)) => break Err(failure.into()),
                        Err(Abort::Domain(error)) => break Err(error),
                        Ok(value) => break Ok(value),
                    }
                    attempt += 1;
                };
                if outcome.is_ok() {
                    scope.wake();
                }
                outcome
            })
            .await?
    }

    /// Runs a step in one transaction after the other, until it has nothing left to do: it returns how much it did. A
    /// hundred at the most, so that this ends; what is left is for the next time.
    ///
    /// # Errors
    /// As [`Db::write`], and what was done before stays done.
    pub async fn write_in_batches<F>(&self, caller: &Caller, step: F) -> Result<(), Failure>
    where
        F: FnMut(&mut Tx<'_>) -> Result<usize, Failure> + Clone + Send + 'static,
    {
        for _ in 0..BATCHES {
            if self.write(caller, step.clone()).await? == 0 {
                break;
            }
        }
        Ok(())
    }

    /// What the process counts.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// How the lanes are doing just now.
    pub fn lanes(&self) -> [LaneState; 4] {
        [&self.short, &self.writes, &self.long, &self.apart].map(Lane::state)
    }

    /// Rung by commits.
    pub fn wakers(&self) -> &Wakers {
        &self.shared.wakers
    }
}
