//! The only doors to Postgres: [`Db::read`], [`Db::read_long`] and [`Db::write`].
//!
//! Diesel is synchronous, so a use case is one closure that runs once on a worker thread. There are three lanes, each
//! with threads, connections and a bounded queue of its own, so that writers waiting for one row, or a slow search,
//! never stop a short read.
//!
//! **Invariants:** no network call, password hash or sleep happens inside a closure; a [`Tx`] exists only inside
//! [`Db::write`]; a full queue answers [`Failure::Unavailable`] at once; a future of these that is dropped takes its queued
//! job along and has its running statement cancelled in the database, but nothing that comes after it on that connection,
//! and no COMMIT.

mod canceller;
mod failure;
mod lane;
mod options;
mod session;
mod transaction;
mod turn;

use std::{cell::Cell, sync::Arc, time::Duration};

use diesel::PgConnection;
use tokio::sync::Notify;

use super::{
    caller::Caller,
    clock::{Clock, Generator},
};
use crate::kernel::error::{Failure, TransactionError};

pub(super) use self::options::milliseconds;
use self::{
    canceller::Canceller,
    lane::Lane,
    transaction::{Abort, Scope, transact},
};
pub use self::{options::DbOptions, transaction::Tx};

/// What queries run on.
pub type Conn = PgConnection;

/// How often a transaction that lost against another one is run in all.
const ATTEMPTS: u32 = 5;

/// The database, as everybody above the queries sees it. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    short: Lane,
    writes: Lane,
    long: Lane,
    shared: Arc<Shared>,
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
    pub fn open(url: &str, options: &DbOptions, clock: Arc<Clock>, generator: Arc<Generator>) -> std::io::Result<Self> {
        let settings = |statement: Duration| format!("SET statement_timeout = {}", statement.as_millis());
        let short = settings(options.statement_timeout);
        let generic = "SET plan_cache_mode = force_generic_plan";
        let lock = format!("SET lock_timeout = {}", options.lock_timeout.as_millis());
        let long = vec![settings(options.long_statement_timeout), "SET plan_cache_mode = force_custom_plan".into()];
        let canceller = Canceller::start(url)?;
        let lane = |name, threads, settings| Lane::open(name, url, options, threads, settings, &canceller);
        Ok(Self {
            short: lane("short", options.threads, vec![short.clone(), generic.into()])?,
            writes: lane("write", options.threads, vec![short, generic.into(), lock])?,
            long: lane("long", (options.threads / 2).max(1), long)?,
            shared: Arc::new(Shared { clock, generator, wakers: Wakers::default() }),
        })
    }

    /// Runs a short read: statements whose cost does not grow with the data. Once more if the connection was dead.
    ///
    /// # Errors
    /// What the closure returns; [`Failure::Unavailable`] when the lane is full or the database is away.
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

    /// Runs a transaction on behalf of a caller. The closure may run several times: when the transaction lost against
    /// another one, or when the connection was dead before COMMIT was sent. Its error rolls everything back.
    ///
    /// # Errors
    /// What the closure returns; [`Failure::Unavailable`] when the lane is full, the database is away, or it is not
    /// known whether the commit arrived.
    pub async fn write<T, E, F>(&self, caller: &Caller, mut work: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: TransactionError,
    {
        let shared = Arc::clone(&self.shared);
        let caller = caller.clone();
        self.writes
            .run(move |session, turn| {
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

    /// Rung by commits.
    pub fn wakers(&self) -> &Wakers {
        &self.shared.wakers
    }
}
