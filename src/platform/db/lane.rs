//! A lane: threads, connections and a bounded queue.

use std::{
    any::type_name,
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, bounded};
use diesel::r2d2::{ConnectionManager, Pool};
use tokio::sync::oneshot;

use super::{
    Conn, DbOptions,
    canceller::Canceller,
    ledger,
    pace::Pace,
    session::{Session, SessionManager, SessionSettings},
    turn::Turn,
};
use crate::kernel::error::Failure;
use crate::platform::{
    metrics::{self, Metrics, Statements},
    telemetry,
};

/// Nobody is told to come again later than after so many seconds.
const LONGEST_RETRY: u64 = 30;

type Job = Box<dyn FnOnce(&mut Worker) + Send>;

/// What a thread of a lane has.
struct Worker {
    pool: Pool<SessionManager>,
    metrics: Arc<Metrics>,
    /// Its own, so that counting a use case's statements takes no lock.
    use_cases: HashMap<&'static str, UseCase>,
}

#[derive(Clone)]
struct UseCase {
    name: &'static str,
    statements: Statements,
}

impl Worker {
    /// The use case that a closure of this type belongs to.
    fn use_case(&mut self, closure: &'static str) -> &UseCase {
        self.use_cases.entry(closure).or_insert_with(|| {
            let name = ledger::use_case(closure);
            UseCase { name, statements: self.metrics.lanes.statements(name) }
        })
    }
}

#[derive(Clone)]
pub(super) struct Lane {
    name: &'static str,
    queue: Sender<Job>,
    pool: Pool<SessionManager>,
    canceller: Canceller,
    pace: Arc<Pace>,
    /// How long a job may wait for a thread.
    patience: Duration,
    counts: Arc<metrics::Lane>,
}

/// How a lane is doing just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneState {
    pub name: &'static str,
    /// Jobs that wait for a thread.
    pub queued: u32,
    /// Connections that nobody uses, and those that somebody does.
    pub idle: u32,
    pub busy: u32,
}

impl Lane {
    pub fn open(
        name: &'static str,
        url: &str,
        options: &DbOptions,
        threads: u32,
        statements: Vec<String>,
        canceller: &Canceller,
        metrics: &Arc<Metrics>,
    ) -> std::io::Result<Self> {
        let manager = ConnectionManager::new(url);
        let settings = SessionSettings { manager, statements, slow: options.slow_statement };
        let pool = Pool::builder()
            .max_size(threads)
            .min_idle(Some(0))
            .test_on_check_out(false)
            .connection_timeout(Duration::from_secs(2))
            .error_handler(Box::new(LogErrors))
            .build_unchecked(SessionManager(Arc::new(settings)));
        let (queue, jobs) = bounded::<Job>(options.queue);
        for number in 0..threads {
            let jobs: Receiver<Job> = jobs.clone();
            let mut worker = Worker { pool: pool.clone(), metrics: Arc::clone(metrics), use_cases: HashMap::new() };
            thread::Builder::new().name(format!("db-{name}-{number}")).spawn(move || {
                for job in jobs {
                    // A panic drops the job's channel, which its caller sees; the thread goes on.
                    let _ = catch_unwind(AssertUnwindSafe(|| job(&mut worker)));
                }
            })?;
        }
        Ok(Self {
            name,
            queue,
            pool,
            canceller: canceller.clone(),
            pace: Arc::new(Pace::new(threads)),
            patience: options.queue_wait,
            counts: Arc::new(metrics.lanes.of(name)),
        })
    }

    pub fn state(&self) -> LaneState {
        let pool = self.pool.state();
        LaneState {
            name: self.name,
            queued: u32::try_from(self.queue.len()).unwrap_or(u32::MAX),
            idle: pool.idle_connections,
            busy: pool.connections.saturating_sub(pool.idle_connections),
        }
    }

    pub async fn read<T, E, F>(&self, mut work: F) -> Result<T, E>
    where
        F: FnMut(&mut Conn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Failure> + Send + 'static,
    {
        self.run(type_name::<F>(), move |session, turn| {
            if !turn.open(&session.backend) {
                return Err(Failure::Unavailable.into());
            }
            let outcome = work(&mut session.conn);
            if outcome.is_ok() {
                return outcome;
            }
            if turn.close() && session.is_closed() && session.reconnect() && turn.open(&session.backend) {
                work(&mut session.conn)
            } else {
                outcome
            }
        })
        .await?
    }

    /// Queues a job and waits for its answer. A caller that goes away takes its queued job along, and has the statement
    /// cancelled that runs. The job opens its turn before its first statement, and closes it before COMMIT. `closure` is the
    /// name of the type that says which use case it is of.
    ///
    /// # Errors
    /// [`Failure::Overloaded`] at once if too many wait or it would wait too long, and later if it did wait too long.
    pub async fn run<T: Send + 'static>(
        &self,
        closure: &'static str,
        work: impl FnOnce(&mut Session, &Turn) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        if self.pace.wait(self.queue.len()) > self.patience {
            return Err(self.overloaded());
        }
        let (answer, mut answered) = oneshot::channel();
        let waiting = Waiting { turn: Arc::default(), canceller: &self.canceller };
        let (turn, pace, counts) = (Arc::clone(&waiting.turn), Arc::clone(&self.pace), Arc::clone(&self.counts));
        let queued = Instant::now();
        let job: Job = Box::new(move |worker| {
            counts.wait.observe(queued.elapsed().as_secs_f64());
            if !turn.begin() {
                counts.abandoned.inc();
                return;
            }
            counts.run.inc();
            let begun = Instant::now();
            let outcome = match worker.pool.get() {
                Ok(mut session) => {
                    let use_case = worker.use_case(closure);
                    ledger::begin(use_case.name);
                    let running = Running(&turn);
                    let value = work(&mut session, &turn);
                    drop(running);
                    let tally = ledger::tally();
                    use_case.statements.count.inc_by(tally.statements.into());
                    use_case.statements.seconds.inc_by(tally.took.as_secs_f64());
                    Ok((value, tally.statements))
                }
                Err(_) => Err(Failure::Unavailable),
            };
            pace.note(begun.elapsed());
            let _ = answer.send(outcome);
        });
        self.queue.try_send(job).map_err(|_| self.overloaded())?;
        let answer = match tokio::time::timeout(self.patience, &mut answered).await {
            Ok(answer) => answer,
            Err(_) if waiting.turn.give_up() => return Err(self.overloaded()),
            Err(_) => answered.await,
        };
        let (value, statements) = answer.map_err(|_| Failure::internal("a database job panicked"))??;
        telemetry::count_statements(statements);
        Ok(value)
    }

    /// Come again when those who wait now will have been served.
    fn overloaded(&self) -> Failure {
        self.counts.refused.inc();
        let wait = self.pace.wait(self.queue.len()).as_secs().saturating_add(1);
        Failure::Overloaded { retry_after_seconds: wait.min(LONGEST_RETRY) }
    }
}

/// Somebody who waits for a job. When they go away, so does the job.
struct Waiting<'a> {
    turn: Arc<Turn>,
    canceller: &'a Canceller,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.turn.abandon() {
            self.canceller.cancel(&self.turn);
        }
    }
}

/// A job that runs. However it ends, its turn is closed before its connection serves the next one.
struct Running<'a>(&'a Turn);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}

#[derive(Debug)]
struct LogErrors;

impl diesel::r2d2::HandleError<diesel::r2d2::Error> for LogErrors {
    fn handle_error(&self, error: diesel::r2d2::Error) {
        tracing::warn!(%error, "no connection to Postgres");
    }
}
