//! A lane: threads, connections and a bounded queue.

use std::{
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
    sql_query,
};
use tokio::sync::oneshot;

use super::{Conn, DbOptions};
use crate::kernel::error::Failure;
use crate::platform::telemetry;

/// A connection with what its lane knows of it.
pub(super) struct Session {
    pub conn: PgConnection,
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
    pub fn is_closed(&mut self) -> bool {
        self.conn.is_broken() || self.conn.ping().is_err()
    }

    pub fn reconnect(&mut self) -> bool {
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
            InstrumentationEvent::StartQuery { .. } if !std::mem::take(&mut self.is_transaction_control) => {
                self.statements.fetch_add(1, Ordering::Relaxed);
            }
            _ => {}
        }
    }
}

type Job = Box<dyn FnOnce(&Pool<SessionManager>) + Send>;

#[derive(Clone)]
pub(super) struct Lane {
    queue: Sender<Job>,
}

impl Lane {
    pub fn open(name: &str, options: &DbOptions, threads: u32, settings: Vec<String>) -> std::io::Result<Self> {
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

    pub async fn read<T, E, F>(&self, mut work: F) -> Result<T, E>
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
    pub async fn run<T: Send + 'static>(
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
