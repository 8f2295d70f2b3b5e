//! The only doors to Postgres: [`Db::read`], [`Db::read_long`] and [`Db::write`].
//!
//! Diesel is synchronous, so a use case is one closure that runs once on a worker thread. There are three lanes, each
//! with threads, connections and a bounded queue of its own, so that writers waiting for one row, or a slow search,
//! never stop a short read.
//!
//! **Invariants:** no network call, password hash or sleep happens inside a closure; a [`Tx`] exists only inside
//! [`Db::write`]; a full queue answers [`Failure::Unavailable`] at once.

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

use crossbeam_channel::{Receiver, Sender, bounded};
use diesel::{
    Connection, PgConnection, RunQueryDsl,
    connection::{Instrumentation, InstrumentationEvent},
    r2d2::{ConnectionManager, ManageConnection, Pool, R2D2Connection},
    result::{DatabaseErrorKind, Error as DieselError},
    sql_query,
};
use tokio::sync::{Notify, oneshot};
use uuid::Uuid;

use super::{
    caller::Caller,
    clock::{Clock, Generator, Time},
    telemetry,
};
use crate::kernel::{
    error::{Failure, TransactionError},
    id::{Entity, Id},
};

/// What queries run on.
pub type Conn = PgConnection;

/// How often a transaction that lost against another one is run in all.
const ATTEMPTS: u32 = 5;

/// Size and limits of the lanes.
#[derive(Debug, Clone)]
pub struct DbOptions {
    /// A `postgres://` URL or a libpq connection string.
    pub url: String,
    /// Threads (and connections) of the short and of the writing lane each; the long lane has half, at least one.
    pub threads: u32,
    /// Jobs that may wait in each lane.
    pub queue: usize,
    /// After which Postgres gives a statement up: short reads and writes, and long reads.
    pub statement_timeout: Duration,
    pub long_statement_timeout: Duration,
    /// How long a writer waits for a lock.
    pub lock_timeout: Duration,
}

impl DbOptions {
    /// Production's defaults for a database.
    pub fn new(url: impl Into<String>) -> Self {
        let cores = thread::available_parallelism().map_or(2, |cores| u32::try_from(cores.get()).unwrap_or(2));
        Self {
            url: url.into(),
            threads: (2 * cores).clamp(4, 32),
            queue: 1024,
            statement_timeout: Duration::from_secs(5),
            long_statement_timeout: Duration::from_secs(15),
            lock_timeout: Duration::from_secs(4),
        }
    }
}

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
    /// Starts the lanes. Connections are made when they are first needed, so this does not fail when Postgres is away.
    ///
    /// # Errors
    /// If a thread cannot be started.
    pub fn open(options: &DbOptions, clock: Arc<Clock>, generator: Arc<Generator>) -> std::io::Result<Self> {
        let settings = |statement: Duration| format!("SET statement_timeout = {}", statement.as_millis());
        let short = settings(options.statement_timeout);
        let generic = "SET plan_cache_mode = force_generic_plan";
        let lock = format!("SET lock_timeout = {}", options.lock_timeout.as_millis());
        Ok(Self {
            short: Lane::open("short", options, options.threads, vec![short.clone(), generic.into()])?,
            writes: Lane::open("write", options, options.threads, vec![short, generic.into(), lock])?,
            long: Lane::open(
                "long",
                options,
                (options.threads / 2).max(1),
                vec![settings(options.long_statement_timeout), "SET plan_cache_mode = force_custom_plan".into()],
            )?,
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
            .run(move |session| {
                let scope =
                    Scope { shared: &shared, caller: &caller, emitted: Cell::default(), enqueued: Cell::default() };
                let mut attempt = 1;
                let outcome = loop {
                    match transact(&mut session.conn, &scope, &mut work) {
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

/// A transaction that is open. The only way to change anything.
pub struct Tx<'a> {
    conn: &'a mut Conn,
    scope: &'a Scope<'a>,
}

struct Scope<'a> {
    shared: &'a Shared,
    caller: &'a Caller,
    emitted: Cell<bool>,
    enqueued: Cell<bool>,
}

impl Scope<'_> {
    fn wake(&self) {
        if self.emitted.get() {
            self.shared.wakers.events.notify_one();
        }
        if self.enqueued.get() {
            self.shared.wakers.jobs.notify_one();
        }
    }
}

impl Tx<'_> {
    /// What queries run on.
    pub fn conn(&mut self) -> &mut Conn {
        self.conn
    }

    /// On whose behalf this happens.
    pub fn caller(&self) -> &Caller {
        self.scope.caller
    }

    pub fn now(&self) -> Time {
        self.scope.shared.clock.now()
    }

    pub fn new_id<E: Entity>(&self) -> Id<E> {
        self.scope.shared.generator.id(self.now())
    }

    pub fn new_uuid(&self) -> Uuid {
        self.scope.shared.generator.uuid(self.now())
    }

    pub fn generator(&self) -> &Generator {
        &self.scope.shared.generator
    }

    pub(super) fn note_event(&self) {
        self.scope.emitted.set(true);
    }

    pub(super) fn note_job(&self) {
        self.scope.enqueued.set(true);
    }

    /// Runs a part under a clock and a generator of its own, so that it writes the same rows wherever and whenever it runs.
    pub fn under<T>(&mut self, clock: &Arc<Clock>, generator: Generator, work: impl FnOnce(&mut Tx<'_>) -> T) -> T {
        let (clock, generator) = (Arc::clone(clock), Arc::new(generator));
        let shared = Shared { clock, generator, wakers: Wakers::default() };
        let (emitted, enqueued) = (Cell::default(), Cell::default());
        let scope = Scope { shared: &shared, caller: self.scope.caller, emitted, enqueued };
        let value = work(&mut Tx { conn: self.conn, scope: &scope });
        if scope.emitted.get() {
            self.note_event();
        }
        if scope.enqueued.get() {
            self.note_job();
        }
        value
    }

    /// Runs a part that can fail without ending the transaction: what it did is undone, what came before stays.
    ///
    /// # Errors
    /// What the closure returns.
    pub fn savepoint<T, E: From<Failure>>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        let scope = self.scope;
        nested(self.conn, |conn| work(&mut Tx { conn, scope })).map_err(|abort| match abort {
            Abort::Domain(error) => error,
            Abort::Begin(failure) | Abort::Commit(failure) => failure.into(),
        })
    }
}

enum Abort<E> {
    Begin(Failure),
    Domain(E),
    Commit(Failure),
}

impl<E> From<DieselError> for Abort<E> {
    fn from(error: DieselError) -> Self {
        Self::Commit(error.into())
    }
}

fn transact<T, E>(
    conn: &mut Conn,
    scope: &Scope<'_>,
    work: &mut impl FnMut(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, Abort<E>> {
    let begun = Cell::new(false);
    nested(conn, |conn| {
        begun.set(true);
        work(&mut Tx { conn, scope })
    })
    .map_err(|abort| match abort {
        Abort::Commit(failure) if !begun.get() => Abort::Begin(failure),
        other => other,
    })
}

#[allow(clippy::disallowed_methods, reason = "this is the place that the rule points to")]
fn nested<T, E>(conn: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, Abort<E>> {
    conn.transaction(|conn| work(conn).map_err(Abort::Domain))
}

impl From<DieselError> for Failure {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, info) => {
                Self::Contention(info.message().to_owned())
            }
            DieselError::DatabaseError(
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand,
                _,
            )
            | DieselError::BrokenTransactionManager => Self::Unavailable,
            DieselError::DatabaseError(kind, info) => {
                let message = info.message();
                if let Some(name) = info.constraint_name() {
                    return Self::Constraint { name: name.to_owned() };
                }
                match message {
                    _ if message.starts_with("deadlock detected") => Self::Contention(message.to_owned()),
                    // Statement and lock time-outs; a lane that gives up is overloaded or meets a writer that hangs.
                    _ if message.starts_with("canceling statement due to") => Self::Timeout,
                    _ if message.contains("terminating connection")
                        || message.contains("server closed the connection")
                        || message.contains("connection to server was lost")
                        || message.contains("the database system is") =>
                    {
                        Self::Unavailable
                    }
                    _ => Self::internal(DieselError::DatabaseError(kind, info)),
                }
            }
            other => Self::internal(other),
        }
    }
}

/// A connection with what its lane knows of it.
struct Session {
    conn: PgConnection,
    statements: Arc<AtomicU32>,
    settings: Arc<SessionSettings>,
}

struct SessionSettings {
    manager: ConnectionManager<PgConnection>,
    statements: Vec<String>,
}

impl SessionSettings {
    fn connect(self: &Arc<Self>) -> Result<Session, diesel::r2d2::Error> {
        let mut conn = self.manager.connect()?;
        for statement in &self.statements {
            sql_query(statement).execute(&mut conn).map_err(diesel::r2d2::Error::QueryError)?;
        }
        let statements = Arc::new(AtomicU32::new(0));
        conn.set_instrumentation(Count { statements: Arc::clone(&statements), is_transaction_control: false });
        Ok(Session { conn, statements, settings: Arc::clone(self) })
    }
}

impl Session {
    /// Whether the connection is gone, as opposed to a statement having failed.
    fn is_closed(&mut self) -> bool {
        self.conn.is_broken() || self.conn.ping().is_err()
    }

    fn reconnect(&mut self) -> bool {
        match self.settings.connect() {
            Ok(fresh) => {
                *self = fresh;
                true
            }
            Err(_) => false,
        }
    }
}

struct SessionManager(Arc<SessionSettings>);

impl ManageConnection for SessionManager {
    type Connection = Session;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Session, Self::Error> {
        self.0.connect()
    }

    fn is_valid(&self, session: &mut Session) -> Result<(), Self::Error> {
        session.conn.ping().map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, session: &mut Session) -> bool {
        thread::panicking() || session.conn.is_broken()
    }
}

/// Counts statements, all but BEGIN, COMMIT, ROLLBACK and SAVEPOINT.
struct Count {
    statements: Arc<AtomicU32>,
    is_transaction_control: bool,
}

impl Instrumentation for Count {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::BeginTransaction { .. }
            | InstrumentationEvent::CommitTransaction { .. }
            | InstrumentationEvent::RollbackTransaction { .. } => self.is_transaction_control = true,
            InstrumentationEvent::StartQuery { .. } => {
                if !std::mem::take(&mut self.is_transaction_control) {
                    self.statements.fetch_add(1, Ordering::Relaxed);
                }
            }
            _ => {}
        }
    }
}

type Job = Box<dyn FnOnce(&Pool<SessionManager>) + Send>;

#[derive(Clone)]
struct Lane {
    queue: Sender<Job>,
}

impl Lane {
    fn open(name: &str, options: &DbOptions, threads: u32, settings: Vec<String>) -> std::io::Result<Self> {
        let settings = SessionSettings { manager: ConnectionManager::new(&options.url), statements: settings };
        let pool = Pool::builder()
            .max_size(threads)
            .min_idle(Some(0))
            .test_on_check_out(false)
            .connection_timeout(Duration::from_secs(2))
            .error_handler(Box::new(LogErrors))
            .build_unchecked(SessionManager(Arc::new(settings)));
        let (queue, jobs) = bounded::<Job>(options.queue);
        for number in 0..threads {
            let (jobs, pool): (Receiver<Job>, _) = (jobs.clone(), pool.clone());
            thread::Builder::new().name(format!("db-{name}-{number}")).spawn(move || {
                for job in jobs {
                    // A panic drops the job's channel, which its caller sees; the thread goes on.
                    let _ = catch_unwind(AssertUnwindSafe(|| job(&pool)));
                }
            })?;
        }
        Ok(Self { queue })
    }

    async fn read<T, E, F>(&self, mut work: F) -> Result<T, E>
    where
        F: FnMut(&mut Conn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Failure> + Send + 'static,
    {
        self.run(move |session| {
            let outcome = work(&mut session.conn);
            if outcome.is_err() && session.is_closed() && session.reconnect() {
                work(&mut session.conn)
            } else {
                outcome
            }
        })
        .await?
    }

    /// Queues a job and waits for its answer. A caller that goes away takes its queued job along.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Session) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |pool| {
            if answer.is_closed() {
                return;
            }
            let outcome = match pool.get() {
                Ok(mut session) => {
                    let value = work(&mut session);
                    Ok((value, session.statements.swap(0, Ordering::Relaxed)))
                }
                Err(_) => Err(Failure::Unavailable),
            };
            let _ = answer.send(outcome);
        });
        self.queue.try_send(job).map_err(|_| Failure::Unavailable)?;
        let (value, statements) = answered.await.map_err(|_| Failure::internal("a database job panicked"))??;
        telemetry::count_statements(statements);
        Ok(value)
    }
}

#[derive(Debug)]
struct LogErrors;

impl diesel::r2d2::HandleError<diesel::r2d2::Error> for LogErrors {
    fn handle_error(&self, error: diesel::r2d2::Error) {
        tracing::warn!(%error, "no connection to Postgres");
    }
}
